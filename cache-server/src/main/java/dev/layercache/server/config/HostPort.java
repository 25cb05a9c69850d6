package dev.layercache.server.config;

/**
 * Where a server listens: {@code 127.0.0.1:8980}, {@code [::1]:8980}.
 *
 * @param host a name or an address; an IPv6 address without its brackets
 * @param port 0 to 65,535; 0 picks a free one
 */
public record HostPort(String host, int port) {
  private static final int MAX_PORT = 65_535;

  public HostPort {
    if (host.isEmpty()
        || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '[' || c == ']')) {
      throw new IllegalArgumentException(
          "'%s' is not a host (expected: a name or an address)".formatted(host));
    }
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "port %d (expected: 0 to %d, 0 picks a free one)".formatted(port, MAX_PORT));
    }
  }

  /**
   * Reads {@code HOST:PORT}; an IPv6 address stands in brackets.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    var host = colon < 0 ? "" : text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.isEmpty() || (!bracketed && host.indexOf(':') >= 0)) {
      throw malformed(text);
    }
    try {
      return new HostPort(
          bracketed ? host.substring(1, host.length() - 1) : host,
          Integer.parseInt(text, colon + 1, text.length(), 10));
    } catch (NumberFormatException e) {
      throw malformed(text);
    }
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'%s' is not an address (expected: HOST:PORT, such as 127.0.0.1:8980 or [::1]:8980)"
            .formatted(text));
  }

  /** The same host with another port. */
  public HostPort withPort(int other) {
    return new HostPort(host, other);
  }

  /** {@code HOST:PORT}. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

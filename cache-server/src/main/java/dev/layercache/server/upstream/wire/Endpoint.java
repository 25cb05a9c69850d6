package dev.layercache.server.upstream.wire;

import java.net.URI;
import java.util.Locale;

/**
 * Where a URL leads to: what must be equal for two requests to share a connection, or credentials.
 *
 * @param secure whether TLS is spoken
 * @param host lower-case name, or an address; an IPv6 address without its brackets
 * @param port 1 to 65,535
 */
public record Endpoint(boolean secure, String host, int port) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final int MAX_PORT = 65_535;

  /**
   * The endpoint of a URL.
   *
   * @throws IllegalArgumentException if it is not an http or https URL with a host and no user
   */
  public static Endpoint of(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    String host = url.getHost();
    if (host == null
        || host.isEmpty()
        || url.getUserInfo() != null
        || !(scheme.equals("http") || scheme.equals("https"))
        || url.getPort() == 0
        || url.getPort() > MAX_PORT) {
      throw new IllegalArgumentException(
          "'%s' is not a registry's URL (expected: http:// or https://, a host, no user)"
              .formatted(url));
    }
    boolean secure = scheme.equals("https");
    int port = url.getPort() < 0 ? (secure ? HTTPS : HTTP) : url.getPort();
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    String bare = bracketed ? host.substring(1, host.length() - 1) : host;
    return new Endpoint(secure, bare.toLowerCase(Locale.ROOT), port);
  }

  /** As it stands in a {@code Host} header: without the port that the scheme implies. */
  String authority() {
    String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (secure ? HTTPS : HTTP) ? bracketed : bracketed + ":" + port;
  }

  @Override
  public String toString() {
    return (secure ? "https://" : "http://") + authority();
  }
}

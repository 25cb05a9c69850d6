package dev.layercache.load.server;

import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/** A peer as the command line names it: {@code NAME=SCHEME://HOST[:PORT]}. */
record NamedUrl(String name, InetSocketAddress address) {
  /** For schemes without a port of their own: it must be given. */
  static final int NO_PORT = -1;

  private static final Pattern FORM =
      Pattern.compile("([^=]+)=([a-z]+)://(\\[[^]]+]|[^/:\\[]+)(?::([0-9]{1,5}))?/?");

  /**
   * @param defaultPort when the URL has none
   * @throws IllegalArgumentException if it is not of that form
   */
  static NamedUrl parse(String text, String scheme, int defaultPort) {
    var match = FORM.matcher(text);
    boolean known = match.matches() && match.group(2).equals(scheme);
    if (!known || (match.group(4) == null && defaultPort == NO_PORT)) {
      throw new IllegalArgumentException(
          "peer: %s (expected: NAME=%s://HOST%s)"
              .formatted(text, scheme, defaultPort == NO_PORT ? ":PORT" : "[:PORT]"));
    }
    int port = match.group(4) == null ? defaultPort : Integer.parseInt(match.group(4));
    return new NamedUrl(match.group(1), new InetSocketAddress(match.group(3), port));
  }
}

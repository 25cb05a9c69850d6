package dev.layercache.load.server;

import dev.layercache.load.measure.ProcessMeter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;

/** An OCI registry that runs already. Only what its clients see can be measured. */
public record RemoteRegistry(String name, InetSocketAddress http) implements Server {
  private static final int HTTP_PORT = 80;

  /**
   * Reads {@code NAME=http://HOST[:PORT]}.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static RemoteRegistry parse(String text) {
    int equals = text.indexOf('=');
    var url = URI.create(text.substring(equals + 1));
    if (equals < 1 || !"http".equals(url.getScheme()) || url.getHost() == null) {
      throw new IllegalArgumentException(
          "peer: %s (expected: NAME=http://HOST[:PORT])".formatted(text));
    }
    int port = url.getPort() < 0 ? HTTP_PORT : url.getPort();
    return new RemoteRegistry(
        text.substring(0, equals), new InetSocketAddress(url.getHost(), port));
  }

  @Override
  public Optional<ProcessMeter> meter() {
    return Optional.empty();
  }

  /** It is not ours to stop. */
  @Override
  public void close() {}
}

package dev.layercache.load.server;

import dev.layercache.load.measure.ProcessMeter;
import java.net.InetSocketAddress;
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
    var peer = NamedUrl.parse(text, "http", HTTP_PORT);
    return new RemoteRegistry(peer.name(), peer.address());
  }

  @Override
  public Optional<ProcessMeter> meter() {
    return Optional.empty();
  }

  /** It is not ours to stop. */
  @Override
  public void close() {}
}

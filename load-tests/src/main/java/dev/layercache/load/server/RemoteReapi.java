package dev.layercache.load.server;

import dev.layercache.load.measure.ProcessMeter;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A Remote Execution API endpoint that runs already. Only what its clients see can be measured. */
public record RemoteReapi(String name, InetSocketAddress grpc) implements ReapiServer {

  /**
   * Reads {@code NAME=grpc://HOST:PORT}.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static RemoteReapi parse(String text) {
    var peer = NamedUrl.parse(text, "grpc", NamedUrl.NO_PORT);
    return new RemoteReapi(peer.name(), peer.address());
  }

  @Override
  public Optional<ProcessMeter> meter() {
    return Optional.empty();
  }
}

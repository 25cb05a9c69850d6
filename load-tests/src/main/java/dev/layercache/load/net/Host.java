package dev.layercache.load.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a process runs: on this machine, or in a network namespace that stands for another one.
 *
 * @param address its own
 * @param prefix of every command that runs there
 */
public record Host(String address, List<String> prefix) {
  /** This machine, which only it can reach. */
  public static final Host HERE = new Host("127.0.0.1", List.of());

  /** Free where nothing else runs. */
  private static final int PORT = 5000;

  public Host {
    prefix = List.copyOf(prefix);
  }

  /** A command, so that it runs there. */
  public List<String> running(List<String> command) {
    return Stream.concat(prefix.stream(), command.stream()).toList();
  }

  /**
   * For programs that cannot pick a port themselves: on this machine one that was free a moment
   * ago, elsewhere always the same.
   */
  public InetSocketAddress freeAddress() throws IOException {
    if (!prefix.isEmpty()) {
      return new InetSocketAddress(address, PORT);
    }
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(address, socket.getLocalPort());
    }
  }
}

package dev.layercache.server.clients;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Debian's docker-registry on loopback, without a login: what tests mirror. */
public final class DockerRegistry implements AutoCloseable {
  private final Program.Daemon process;
  private final InetSocketAddress address;

  private DockerRegistry(Program.Daemon process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts it and waits until it takes connections. Where it is not installed the test is skipped,
   * or failed in CI.
   *
   * @param directory exists; takes what is pushed
   */
  public static DockerRegistry start(Path directory) throws IOException {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path config =
        Files.writeString(
            directory.resolve("registry.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"}
            """
                .formatted(directory.resolve("registry"), port));
    var process =
        Program.require("docker-registry")
            .start(directory.resolve("registry.log"), "serve", config.toString());
    var registry = new DockerRegistry(process, new InetSocketAddress("127.0.0.1", port));
    registry.awaitReady();
    return registry;
  }

  private void awaitReady() throws IOException {
    for (int i = 0; i < 200; i++) {
      try (var socket = new Socket()) {
        socket.connect(address, 1000);
        return;
      } catch (IOException e) {
        try {
          Thread.sleep(50);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new IOException(interrupted);
        }
      }
    }
    String said = log();
    process.close();
    throw new IOException("docker-registry is not ready: " + said);
  }

  public InetSocketAddress address() {
    return address;
  }

  /** {@code 127.0.0.1:PORT}. */
  String hostAndPort() {
    return "127.0.0.1:" + address.getPort();
  }

  /** What it said, with a line for each request. */
  String log() throws IOException {
    return Files.readString(process.log());
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}

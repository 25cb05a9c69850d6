package dev.layercache.server.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** containerd as a process of the test. */
final class Containerd implements AutoCloseable {
  private final Program ctr;
  private final Program.Daemon daemon;

  private Containerd(Program ctr, Program.Daemon daemon) {
    this.ctr = ctr;
    this.daemon = daemon;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param directory takes what it stores; its path must be short, since a socket is there
   */
  static Containerd start(Path directory) throws IOException {
    var containerd = Program.requireAsRoot("containerd");
    Path socket = directory.resolve("sock");
    Path config =
        Files.writeString(
            directory.resolve("config.toml"),
            """
            version = 2
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "%2$s"
            """
                .formatted(directory, socket));
    var ctr = Program.require("ctr").with("--address", socket.toString());
    var daemon =
        containerd.start(directory.resolve("containerd.log"), "--config", config.toString());
    try {
      daemon.awaitReady(ctr, "version");
    } catch (IOException | AssertionError e) {
      daemon.close();
      throw e;
    }
    return new Containerd(ctr, daemon);
  }

  /** The client, connected. */
  Program ctr() {
    return ctr;
  }

  @Override
  public void close() throws IOException {
    daemon.close();
  }
}

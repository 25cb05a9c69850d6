package dev.layercache.server.clients;

import java.io.IOException;
import java.nio.file.Path;

/** docker with a daemon of its own, that has no network but the host's. */
final class Dockerd implements AutoCloseable {
  /** The client of the daemon's package: another one earlier on the path may lack the builder. */
  private static final String CLIENT = "/usr/bin/docker";

  private final Program docker;
  private final Program.Daemon daemon;

  private Dockerd(Program docker, Program.Daemon daemon) {
    this.docker = docker;
    this.daemon = daemon;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param directory takes what it stores; its path must be short, since a socket is there
   * @param config a {@code daemon.json}
   */
  static Dockerd start(Path directory, String config) throws IOException {
    var dockerd = Program.requireAsRoot("dockerd");
    String socket = "unix://" + directory.resolve("sock");
    var docker = Program.require(CLIENT).with("-H", socket).withEnvironment("DOCKER_BUILDKIT", "1");
    var daemon =
        dockerd
            .with("--config-file", config)
            .with("--data-root", directory.resolve("root").toString())
            .with("--exec-root", directory.resolve("exec").toString())
            .with("--pidfile", directory.resolve("pid").toString())
            .with("-H", socket, "--storage-driver=vfs", "--bridge=none")
            .with("--iptables=false", "--ip-forward=false", "--ip-masq=false")
            .start(directory.resolve("dockerd.log"));
    try {
      daemon.awaitReady(docker, "version");
    } catch (IOException | AssertionError e) {
      daemon.close();
      throw e;
    }
    return new Dockerd(docker, daemon);
  }

  /** The client, connected. */
  Program docker() {
    return docker;
  }

  @Override
  public void close() throws IOException {
    daemon.close();
  }
}

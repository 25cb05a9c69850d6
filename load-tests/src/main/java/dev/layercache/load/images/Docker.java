package dev.layercache.load.images;

import dev.layercache.load.server.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** docker with a daemon of its own. It keeps layers unpacked, and packs them for each push. */
final class Docker implements ImageClient {
  private final ChildProcess daemon;
  private final Tool docker;
  private final Tool skopeo;
  private final Path sockets;
  private final String socket;

  private Docker(ChildProcess daemon, Path scratch, Path sockets, String socket) {
    this.daemon = daemon;
    this.sockets = sockets;
    this.socket = socket;
    this.docker = new Tool(scratch, List.of("docker", "-H", socket));
    this.skopeo = new Tool(scratch, List.of("skopeo", "--insecure-policy", "copy", "--quiet"));
  }

  /**
   * @param directory exists; deleted by {@link #close}
   */
  static Docker start(Path directory, Path scratch) throws IOException, InterruptedException {
    // The path of a socket has at most 107 bytes (unix(7)).
    var sockets = Files.createTempDirectory("lc");
    var socket = "unix://" + sockets.resolve("sock");
    var command =
        List.of(
            "dockerd",
            "--data-root=" + directory.resolve("root"),
            "--exec-root=" + sockets.resolve("exec"),
            "--pidfile=" + directory.resolve("pid"),
            "--host=" + socket,
            "--bridge=none",
            "--iptables=false",
            "--ip-forward=false",
            "--ip-masq=false");
    var daemon = ChildProcess.start(directory, command, Map.of());
    try {
      daemon.await(() -> daemon.said().stream().anyMatch(line -> line.contains("API listen on")));
      return new Docker(daemon, scratch, sockets, socket);
    } catch (IOException | InterruptedException | RuntimeException e) {
      daemon.stop();
      ChildProcess.delete(sockets);
      throw e;
    }
  }

  @Override
  public String name() {
    return "docker";
  }

  @Override
  public void build(SampleImage image, String registry) throws IOException, InterruptedException {
    skopeo.run(
        "--dest-daemon-host=" + socket,
        "oci:%s:%s".formatted(image.layout(), image.tag()),
        "docker-daemon:" + image.in(registry));
  }

  @Override
  public void push(SampleImage image, String registry) throws IOException, InterruptedException {
    docker.run("push", "--quiet", image.in(registry));
  }

  @Override
  public void pull(SampleImage image, String registry) throws IOException, InterruptedException {
    docker.run("pull", "--quiet", image.in(registry));
  }

  @Override
  public void forget() throws IOException, InterruptedException {
    docker.run("image", "prune", "--all", "--force");
  }

  @Override
  public void close() {
    daemon.close();
    ChildProcess.delete(sockets);
  }
}

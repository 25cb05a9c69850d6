package dev.layercache.load.images;

import dev.layercache.load.server.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** containerd with its client ctr. It keeps layers as they came, and unpacks them after a pull. */
final class Containerd implements ImageClient {
  private static final String CONFIGURATION =
      """
      version = 2
      root = "%1$s/root"
      state = "%1$s/state"
      disabled_plugins = ["io.containerd.grpc.v1.cri"]
      [grpc]
        address = "%1$s/sock"
      """;

  private final ChildProcess daemon;
  private final Tool ctr;
  private final Tool tar;
  private final Path scratch;

  private Containerd(ChildProcess daemon, Path directory, Path scratch) {
    this.daemon = daemon;
    this.scratch = scratch;
    this.ctr = new Tool(scratch, List.of("ctr", "--address", directory.resolve("sock").toString()));
    this.tar = new Tool(scratch, List.of("tar"));
  }

  /**
   * @param directory exists; deleted by {@link #close}
   */
  static Containerd start(Path directory, Path scratch) throws IOException, InterruptedException {
    var file =
        Files.writeString(directory.resolve("config.toml"), CONFIGURATION.formatted(directory));
    var command = List.of("containerd", "--config", file.toString());
    var daemon = ChildProcess.start(directory, command, Map.of());
    try {
      daemon.await(
          () -> daemon.said().stream().anyMatch(line -> line.contains("successfully booted")));
      return new Containerd(daemon, directory, scratch);
    } catch (IOException | InterruptedException | RuntimeException e) {
      daemon.stop();
      throw e;
    }
  }

  @Override
  public String name() {
    return "containerd";
  }

  @Override
  public void build(SampleImage image, String registry) throws IOException, InterruptedException {
    var archive = scratch.resolve("image.tar");
    tar.run("-C", image.layout().toString(), "-cf", archive.toString(), ".");
    ctr.run(
        "images",
        "import",
        "--no-unpack",
        "--base-name",
        registry + "/" + image.name(),
        archive.toString());
    Files.delete(archive);
  }

  @Override
  public void push(SampleImage image, String registry) throws IOException, InterruptedException {
    ctr.run("images", "push", "--plain-http", image.in(registry));
  }

  @Override
  public void pull(SampleImage image, String registry) throws IOException, InterruptedException {
    ctr.run("images", "pull", "--plain-http", image.in(registry));
  }

  @Override
  public void forget() throws IOException, InterruptedException {
    for (var image : ctr.run("images", "ls", "-q")) {
      ctr.run("images", "rm", "--sync", image);
    }
  }

  @Override
  public void close() {
    daemon.close();
  }
}

package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.cli.Main;
import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clients pull an image of Docker Hub through a mirror of it. */
@Tag("clients")
class MirrorClientsTest {
  private static final String NAME = MirrorFixture.IMAGE + ":" + MirrorFixture.TAG;

  @TempDir Path directory;
  private MirrorFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new MirrorFixture(directory);
  }

  @AfterEach
  void stop() throws IOException {
    if (fixture != null) {
      fixture.close();
    }
    Program.remove(directory);
  }

  /** What podman and its relatives read; a short prefix keeps the whole name. */
  private Path registriesConf() throws IOException {
    return Files.writeString(
        directory.resolve("registries.conf"),
        """
        [[registry]]
        prefix = "docker.io"
        location = "%s/docker.io"
        insecure = true
        """
            .formatted(fixture.address()));
  }

  @Test
  void podmanAndBuildahPullByPrefix() throws IOException {
    var conf = registriesConf().toString();
    var podman = Podman.at(directory, conf);
    podman.run("pull", "docker.io/" + NAME);
    Path rootfs = Path.of(podman.run("image", "mount", "docker.io/" + NAME).strip());
    assertThat(BuildContext.run(rootfs)).contains(BuildContext.GREETING);
    podman.run("image", "unmount", "docker.io/" + NAME);
    Program.requireAsRoot("buildah")
        .with("--root", directory.resolve("root2").toString())
        .with("--runroot", directory.resolve("run2").toString())
        .with("--storage-driver", "vfs")
        .withEnvironment("CONTAINERS_REGISTRIES_CONF", conf)
        .run("pull", "docker.io/" + NAME);
    fixture.requireNothingTwice();
  }

  @Test
  void containerdPullsWithTheRegistryInItsQuery() throws IOException {
    Path hosts = Files.createDirectories(directory.resolve("hosts/docker.io"));
    Files.writeString(
        hosts.resolve("hosts.toml"),
        """
        server = "https://registry-1.docker.io"
        [host."http://%s"]
          capabilities = ["pull", "resolve"]
        """
            .formatted(fixture.address()));
    try (var containerd = Containerd.start(directory)) {
      var ctr = containerd.ctr();
      ctr.with("images", "pull", "--snapshotter", "native", "--platform", "linux/amd64")
          .with("--hosts-dir", directory.resolve("hosts").toString())
          .run("docker.io/" + NAME);
      assertThat(ctr.run("images", "check", "name==docker.io/" + NAME)).contains("complete");
    }
    fixture.requireNothingTwice();
  }

  @Test
  void dockerPullsFromItsRegistryMirror() throws IOException {
    Path config =
        Files.writeString(
            directory.resolve("daemon.json"),
            "{\"registry-mirrors\": [\"http://%s\"]}".formatted(fixture.address()));
    try (var dockerd = Dockerd.start(directory, config.toString())) {
      var docker = dockerd.docker();
      docker.run("pull", "layercache-test:v1");
      assertThat(docker.run("images", "-q", "layercache-test:v1")).isNotBlank();
    }
    fixture.requireNothingTwice();
  }

  private String layercache(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    assertThat(code).as(err.toString()).isZero();
    return out.toString();
  }

  @Test
  void theCommandLinePrefetchesPullsAndCounts() throws IOException {
    String server = fixture.grpcAddress();
    String image = "docker.io/" + NAME;
    assertThat(
            layercache(
                "prefetch", image, "--plan", "--platform", "linux/amd64", "--server", server))
        .contains("would fetch");
    assertThat(fixture.blobRequests()).isEmpty();
    assertThat(layercache("prefetch", image, "--platform", "linux/amd64", "--server", server))
        .contains("stored");
    int first = fixture.blobRequests().size();
    assertThat(first).isPositive();
    assertThat(layercache("pins", "--server", server)).doesNotContain(image);
    Path list = Files.writeString(directory.resolve("images"), "# base images\n\n" + image + "\n");
    layercache(
        "prefetch",
        "-f",
        list.toString(),
        "--platform",
        "linux/amd64",
        "--pin",
        "7d",
        "--server",
        server);
    assertThat(fixture.blobRequests()).hasSize(first);
    assertThat(layercache("pins", "--server", server)).contains(image);
    try (var client = LayercacheClient.connect(ClientOptions.server(server))) {
      assertThat(client.warm(List.of(ImageReference.parse(image))).isComplete()).isTrue();
    }

    Path copy = directory.resolve("copy");
    layercache("pull", image, "oci:" + copy, "--server", server);
    assertThat(ImageLayout.blobs(copy)).isEqualTo(fixture.blobs());
    fixture.requireNothingTwice();
    assertThat(layercache("stats", "--server", server)).contains("docker.io").contains("up");
    assertThat(layercache("stats", "--json", "--server", server)).contains("\"bytesFilled\"");
  }
}

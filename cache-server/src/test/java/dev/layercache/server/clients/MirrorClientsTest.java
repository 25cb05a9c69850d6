package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
    var podman =
        Program.requireAsRoot("podman")
            .with("--root", directory.resolve("root").toString())
            .with("--runroot", directory.resolve("run").toString())
            .with("--storage-driver", "vfs", "--runtime", "crun")
            .with("--cgroup-manager", "cgroupfs", "--events-backend", "none")
            .withEnvironment("CONTAINERS_REGISTRIES_CONF", conf);
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
    var program = Program.requireAsRoot("containerd");
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
    Path hosts = Files.createDirectories(directory.resolve("hosts/docker.io"));
    Files.writeString(
        hosts.resolve("hosts.toml"),
        """
        server = "https://registry-1.docker.io"
        [host."http://%s"]
          capabilities = ["pull", "resolve"]
        """
            .formatted(fixture.address()));
    var ctr = Program.require("ctr").with("--address", socket.toString());
    try (var containerd =
        program.start(directory.resolve("containerd.log"), "--config", config.toString())) {
      containerd.awaitReady(ctr, "version");
      ctr.with("images", "pull", "--snapshotter", "native", "--platform", "linux/amd64")
          .with("--hosts-dir", directory.resolve("hosts").toString())
          .run("docker.io/" + NAME);
      assertThat(ctr.run("images", "check", "name==docker.io/" + NAME)).contains("complete");
    }
    fixture.requireNothingTwice();
  }

  @Test
  void dockerPullsFromItsRegistryMirror() throws IOException {
    var program = Program.requireAsRoot("dockerd");
    String socket = "unix://" + directory.resolve("sock");
    Path config =
        Files.writeString(
            directory.resolve("daemon.json"),
            "{\"registry-mirrors\": [\"http://%s\"]}".formatted(fixture.address()));
    var docker = Program.require("/usr/bin/docker").with("-H", socket);
    try (var dockerd =
        program
            .with("--config-file", config.toString())
            .with("--data-root", directory.resolve("root").toString())
            .with("--exec-root", directory.resolve("exec").toString())
            .with("--pidfile", directory.resolve("pid").toString())
            .with("-H", socket, "--storage-driver=vfs", "--bridge=none")
            .with("--iptables=false", "--ip-forward=false", "--ip-masq=false")
            .start(directory.resolve("dockerd.log"))) {
      dockerd.awaitReady(docker, "version");
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
    layercache("prefetch", image, "--platform", "linux/amd64", "--server", server);
    assertThat(fixture.blobRequests()).hasSize(first);

    Path copy = directory.resolve("copy");
    layercache("pull", image, "oci:" + copy, "--server", server);
    assertThat(ImageLayout.blobs(copy)).isEqualTo(fixture.blobs());
    fixture.requireNothingTwice();
    assertThat(layercache("stats", "--server", server)).contains("docker.io").contains("up");
    assertThat(layercache("stats", "--json", "--server", server)).contains("\"bytesFilled\"");
  }
}

package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** buildah, configured as for podman, builds images, pushes them, loses them and pulls them. */
@Tag("clients")
class BuildahTest {
  @TempDir Path directory;
  private Program buildah;
  private RegistryServer server;
  private BuildContext context;

  @BeforeEach
  void start() throws IOException {
    var program = Program.requireAsRoot("buildah");
    server = new RegistryServer(directory.resolve("data"));
    var setup = Setup.write("podman", server.address(), directory.resolve("setup"));
    buildah =
        program
            .with("--root", directory.resolve("root").toString())
            .with("--runroot", directory.resolve("run").toString())
            .with("--storage-driver", "vfs")
            .withEnvironment(
                "CONTAINERS_REGISTRIES_CONF",
                setup.path("/etc/containers/registries.conf.d/layercache.conf"));
    context = BuildContext.create(directory.resolve("context"));
  }

  @AfterEach
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
    Program.remove(directory);
  }

  private String image(String tag) {
    return "%s/team/app:%s".formatted(server.address(), tag);
  }

  private void build(String tag) throws IOException {
    buildah.run(
        "bud",
        "--layers",
        "--isolation",
        "chroot",
        "-t",
        image(tag),
        context.directory().toString());
  }

  @Test
  void anImageIsPushedPulledUpdatedAndDeleted() throws IOException {
    build("v1");
    context.changeApp("two");
    build("v2");
    buildah.run("push", image("v1"));
    long whole = server.received();
    buildah.run("push", image("v2"));
    assertThat(server.received() - whole).isPositive().isLessThan(whole / 10);

    int mark = server.requests();
    long before = server.received();
    buildah.run("push", image("v1"), "docker://%s/other/app:v1".formatted(server.address()));
    server.requireFewRoundTrips(mark, BuildContext.LAYERS);
    assertThat(server.received()).isEqualTo(before);

    buildah.run("rmi", "--all", "--force");
    buildah.run("pull", image("v1"));
    String container = buildah.run("from", image("v1")).strip();
    Path rootfs = Path.of(buildah.run("mount", container).strip());
    assertThat(BuildContext.run(rootfs)).contains(BuildContext.GREETING);
    buildah.run("rm", container);

    buildah.run("rmi", "--all", "--force");
    assertThat(server.status("DELETE", "/v2/team/app/manifests/v1")).isEqualTo(202);
    assertThat(buildah.runFailing("pull", image("v1"))).contains("manifest unknown");
    buildah.run("pull", image("v2"));
  }
}

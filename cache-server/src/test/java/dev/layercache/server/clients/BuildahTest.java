package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** buildah builds images, pushes them, loses them and pulls them. */
@Tag("clients")
class BuildahTest {
  @TempDir Path directory;
  private Program buildah;
  private RegistryServer server;
  private BuildContext context;

  @BeforeEach
  void start() throws IOException {
    buildah =
        Program.requireAsRoot("buildah")
            .with(
                "--root",
                directory.resolve("root").toString(),
                "--runroot",
                directory.resolve("run").toString(),
                "--storage-driver",
                "vfs");
    server = new RegistryServer(directory.resolve("data"));
    context = BuildContext.create(directory.resolve("context"));
  }

  @AfterEach
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
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
    buildah.run("push", "--tls-verify=false", image("v1"));
    long whole = server.received();
    buildah.run("push", "--tls-verify=false", image("v2"));
    assertThat(server.received() - whole).isPositive().isLessThan(whole / 10);

    buildah.run("rmi", "--all", "--force");
    buildah.run("pull", "--tls-verify=false", image("v1"));
    assertThat(buildah.run("images")).contains("team/app");

    buildah.run("rmi", "--all", "--force");
    assertThat(server.status("DELETE", "/v2/team/app/manifests/v1")).isEqualTo(202);
    assertThat(buildah.runFailing("pull", "--tls-verify=false", image("v1")))
        .contains("manifest unknown");
    buildah.run("pull", "--tls-verify=false", image("v2"));
  }
}

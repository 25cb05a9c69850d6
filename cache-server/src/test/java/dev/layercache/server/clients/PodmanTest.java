package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** podman, with the configuration that {@code layercache setup podman} prints. */
@Tag("clients")
class PodmanTest {
  @TempDir Path directory;
  private Program podman;
  private RegistryServer server;
  private BuildContext context;

  @BeforeEach
  void start() throws IOException {
    server = new RegistryServer(directory.resolve("data"));
    context = BuildContext.create(directory.resolve("context"));
    var setup = Setup.write("podman", server.address(), directory.resolve("setup"));
    podman = Podman.at(directory, setup.path("/etc/containers/registries.conf.d/layercache.conf"));
  }

  @AfterEach
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
    Program.remove(directory);
  }

  private String image(String name) {
    return server.address() + "/" + name;
  }

  private void build(String name) throws IOException {
    podman.run("build", "--isolation", "chroot", "-t", image(name), context.directory().toString());
  }

  private void forget() throws IOException {
    podman.run("rmi", "--all", "--force");
    assertThat(podman.run("images", "-q")).isEmpty();
  }

  @Test
  void anImageIsPushedPulledUpdatedAndDeleted() throws IOException {
    build("team/app:v1");
    podman.run("push", image("team/app:v1"));
    long whole = server.received();

    int mark = server.requests();
    podman.run("tag", image("team/app:v1"), image("library/layercache-test:v1"));
    podman.run("push", image("library/layercache-test:v1"));
    assertThat(server.received()).as("bytes of blobs that are there").isEqualTo(whole);
    server.requireFewRoundTrips(mark, BuildContext.LAYERS);

    forget();
    // Of Docker Hub, which is asked from the mirror first.
    podman.run("pull", "docker.io/library/layercache-test:v1");
    forget();
    podman.run("pull", image("team/app:v1"));
    forget();
    podman.run("pull", image("team/app:v1"));
    Path rootfs = Path.of(podman.run("image", "mount", image("team/app:v1")).strip());
    assertThat(BuildContext.run(rootfs)).contains(BuildContext.GREETING);
    podman.run("image", "unmount", image("team/app:v1"));

    context.changeApp("two");
    build("team/app:v2");
    podman.run("push", image("team/app:v2"));
    assertThat(server.received() - whole).isPositive().isLessThan(whole / 10);

    forget();
    assertThat(server.status("DELETE", "/v2/team/app/manifests/v1")).isEqualTo(202);
    assertThat(podman.runFailing("pull", image("team/app:v1"))).contains("manifest unknown");
    podman.run("pull", image("team/app:v2"));
  }
}

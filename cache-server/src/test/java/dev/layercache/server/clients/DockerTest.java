package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docker, with a daemon of its own, builds, pushes, forgets, pulls, and builds from the cache. */
@Tag("clients")
class DockerTest {
  @TempDir Path directory;
  private Program docker;
  private Dockerd daemon;
  private RegistryServer server;
  private BuildContext context;

  @BeforeEach
  void start() throws IOException {
    server = new RegistryServer(directory.resolve("data"));
    context = BuildContext.create(directory.resolve("context"));
    var setup = Setup.write("docker", server.address(), directory.resolve("setup"));
    daemon = Dockerd.start(directory, setup.path("/etc/docker/daemon.json"));
    docker = daemon.docker();
  }

  @AfterEach
  void stop() throws IOException {
    if (daemon != null) {
      daemon.close();
    }
    if (server != null) {
      server.close();
    }
    Program.remove(directory);
  }

  private String image(String tag) {
    return image("team/app", tag);
  }

  private String image(String repository, String tag) {
    return "%s/%s:%s".formatted(server.address(), repository, tag);
  }

  private String build(String tag, String... more) throws IOException {
    return docker
        .with("build", "--progress=plain", "--build-arg", "BUILDKIT_INLINE_CACHE=1")
        .with("-t", image(tag))
        .with(more)
        .run(context.directory().toString());
  }

  private void forget() throws IOException {
    docker.run("image", "prune", "--all", "--force");
    docker.run("builder", "prune", "--all", "--force");
    assertThat(docker.run("images", "-q")).isEmpty();
  }

  @Test
  void anImageIsPushedPulledUpdatedAndDeleted() throws IOException {
    build("v1");
    docker.run("push", image("v1"));
    long whole = server.received();

    for (String repository : List.of("team/other", "library/layercache-test")) {
      int mark = server.requests();
      docker.run("tag", image("v1"), image(repository, "v1"));
      docker.run("push", image(repository, "v1"));
      server.requireFewRoundTrips(mark, BuildContext.LAYERS);
      assertThat(server.received()).as("bytes of blobs that are there").isEqualTo(whole);
    }

    forget();
    // Of Docker Hub, which is asked from the mirror first.
    docker.run("pull", "layercache-test:v1");
    forget();
    docker.run("pull", image("v1"));
    forget();
    docker.run("pull", image("v1"));
    Path saved = directory.resolve("saved.tar");
    docker.run("save", "-o", saved.toString(), image("v1"));
    assertThat(docker.run("load", "-i", saved.toString())).contains("Loaded image");
    assertThat(docker.run("images", "--format", "{{.Tag}}").strip()).isEqualTo("v1");

    context.changeApp("two");
    build("v2", "--cache-from", image("v1"));
    long before = server.received();
    docker.run("push", image("v2"));
    assertThat(server.received() - before).isPositive().isLessThan(whole / 10);

    forget();
    String digest = server.digestOf("team/app", "v1");
    assertThat(server.status("DELETE", "/v2/team/app/manifests/" + digest)).isEqualTo(202);
    assertThat(docker.runFailing("pull", image("v1"))).contains("manifest unknown");
    docker.run("pull", image("v2"));
  }

  @Test
  void aBuildTakesItsLayersFromTheCacheInTheRegistry() throws IOException {
    build("cache");
    docker.run("push", image("cache"));
    forget();
    assertThat(build("again", "--cache-from", image("cache")).split("CACHED", -1))
        .hasSize(1 + BuildContext.LAYERS);
  }
}

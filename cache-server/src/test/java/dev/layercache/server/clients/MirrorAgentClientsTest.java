package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.cli.Main;
import dev.layercache.server.agent.AgentOptions;
import dev.layercache.server.agent.CountingRelay;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.server.config.HostPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real clients at an agent, whose parent mirrors a real registry: what they pull comes through
 * both, what they push goes through to the parent.
 */
@Tag("clients")
@Timeout(180)
class MirrorAgentClientsTest {
  private static final String MIRRORED =
      "docker.io/%s:%s".formatted(MirrorFixture.IMAGE, MirrorFixture.TAG);

  @TempDir private static Path shared;
  private static MirrorFixture fixture;
  private static CountingRelay link;
  private static LayercacheServer agent;
  private static BuildContext context;

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws Exception {
    fixture = new MirrorFixture(shared);
    context = new BuildContext(shared.resolve("context"));
    var parent = HostPort.parse(fixture.grpcAddress());
    link = new CountingRelay(parent.host(), parent.port());
    var config =
        new ConfigLoader()
            .flag(ConfigKey.DATA, "--data", shared.resolve("agent").toString())
            .flag(ConfigKey.GRPC_LISTEN, "--grpc", "127.0.0.1:0")
            .flag(ConfigKey.HTTP_LISTEN, "--http", "127.0.0.1:0")
            .load();
    agent =
        LayercacheServer.startAgent(config, new AgentOptions(link.address(), Duration.ofMillis(1)));
  }

  @AfterAll
  static void stop() throws IOException {
    if (agent != null) {
      agent.close();
      link.close();
    }
    if (fixture != null) {
      fixture.requireNothingTwice();
      fixture.close();
    }
    Program.remove(shared);
  }

  private static String at(String name) {
    return "%s/%s".formatted(agent.httpAddress(), name);
  }

  private static Program skopeo() {
    return Program.require("skopeo");
  }

  private static void requireAtParent(String name) throws IOException {
    skopeo()
        .run("inspect", "--tls-verify=false", "docker://%s/%s".formatted(fixture.address(), name));
  }

  @Test
  void dockerPullsAndPushes() throws IOException {
    var setup = Setup.write("docker", agent.httpAddress().toString(), directory.resolve("setup"));
    try (var dockerd = Dockerd.start(directory, setup.path("/etc/docker/daemon.json"))) {
      var docker = dockerd.docker();
      docker.run("pull", at(MIRRORED));
      docker.run("import", context.tools().toString(), at("team/docker:v1"));
      docker.run("push", at("team/docker:v1"));
      requireAtParent("team/docker:v1");
      docker.run("rmi", at("team/docker:v1"));
      docker.run("pull", at("team/docker:v1"));
    } finally {
      Program.remove(directory.resolve("root"));
    }
  }

  @Test
  void containerdPullsAndPushes() throws IOException {
    var layout = new ImageLayout(directory.resolve("layout"));
    layout.tag("v1", layout.image("amd64", layout.packed(context.tools())));
    Path archive = directory.resolve("image.tar");
    Program.require("tar").run("-C", layout.directory().toString(), "-cf", archive.toString(), ".");
    var certs =
        Setup.write("containerd", agent.httpAddress().toString(), directory.resolve("setup"))
            .root()
            .resolve("etc/containerd/certs.d")
            .toString();
    try (var containerd = Containerd.start(directory)) {
      var ctr = containerd.ctr();
      var pull = ctr.with("images", "pull", "--snapshotter", "native", "--hosts-dir", certs);
      pull.run("--platform", "linux/amd64", at(MIRRORED));
      ctr.run("images", "import", "--no-unpack", "--base-name", at("team/ctr"), archive.toString());
      ctr.run("images", "push", "--hosts-dir", certs, at("team/ctr:v1"));
      requireAtParent("team/ctr:v1");
      ctr.run("images", "rm", "--sync", at("team/ctr:v1"));
      pull.run(at("team/ctr:v1"));
    } finally {
      Program.remove(directory.resolve("root"));
    }
  }

  @Test
  void podmanPullsAndPushes() throws IOException {
    var setup = Setup.write("podman", agent.httpAddress().toString(), directory.resolve("setup"));
    var podman =
        Podman.at(directory, setup.path("/etc/containers/registries.conf.d/layercache.conf"));
    try {
      podman.run("pull", at(MIRRORED));
      Path rootfs = Path.of(podman.run("image", "mount", at(MIRRORED)).strip());
      assertThat(BuildContext.run(rootfs)).contains(BuildContext.GREETING);
      podman.run("image", "unmount", at(MIRRORED));
      podman.run("import", context.tools().toString(), at("team/podman:v1"));
      podman.run("push", at("team/podman:v1"));
      requireAtParent("team/podman:v1");
      podman.run("rmi", at("team/podman:v1"));
      podman.run("pull", at("team/podman:v1"));
    } finally {
      Program.remove(directory.resolve("root"));
    }
  }

  /** What was prefetched through the agent is served by it when it is alone, and nothing else. */
  @Test
  void anAgentThatIsAloneServesWhatWasPrefetched() throws Exception {
    String grpc = agent.grpcAddress().toString();
    assertThat(layercache("prefetch", MIRRORED, "--platform", "linux/amd64", "--server", grpc))
        .contains("stored");
    link.cut();
    try {
      Path copy = directory.resolve("copy");
      skopeo()
          .run(
              "copy",
              "--override-arch=amd64",
              "--src-tls-verify=false",
              "docker://" + at(MIRRORED),
              "oci:%s:v1".formatted(copy));
      assertThat(fixture.blobs()).containsAllEntriesOf(ImageLayout.blobs(copy));
      assertThat(
              skopeo()
                  .runFailing(
                      "copy",
                      "--dest-tls-verify=false",
                      "oci:%s:v1".formatted(copy),
                      "docker://" + at("team/refused:v1")))
          .contains("503 Service Unavailable");
      assertThat(
              skopeo()
                  .runFailing(
                      "inspect",
                      "--tls-verify=false",
                      "docker://" + at("docker.io/library/none:v1")))
          .contains("503 Service Unavailable");
    } finally {
      link.mend();
      awaitParent();
    }
  }

  /** Waits until the agent has noticed that its parent is back. */
  private static void awaitParent() throws Exception {
    var uri = URI.create("http://%s/v2/team/none/manifests/v1".formatted(agent.httpAddress()));
    try (var http = HttpClient.newHttpClient()) {
      for (int i = 0; i < 100; i++) {
        var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
        if (answer.statusCode() == 404) {
          return;
        }
        Thread.sleep(100);
      }
    }
    throw new AssertionError("the agent did not notice that its parent is back");
  }

  private static String layercache(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    assertThat(code).as(err.toString()).isZero();
    return out.toString();
  }
}

package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** containerd pulls and pushes images of another host through the registry, as its mirror. */
@Tag("clients")
class ContainerdTest {
  private static final String HOST = "registry.example";

  @TempDir Path directory;
  private Program ctr;
  private Containerd containerd;
  private RegistryServer server;
  private BuildContext context;
  private ImageLayout layout;

  @BeforeEach
  void start() throws IOException {
    server = new RegistryServer(directory.resolve("data"));
    context = BuildContext.create(directory.resolve("context"));
    layout = new ImageLayout(directory.resolve("layout"));
    Path hosts = Files.createDirectories(directory.resolve("hosts").resolve(HOST));
    Files.writeString(
        hosts.resolve("hosts.toml"),
        """
        server = "http://%1$s"
        [host."http://%1$s"]
          capabilities = ["pull", "resolve", "push"]
        """
            .formatted(server.address()));
    containerd = Containerd.start(directory);
    ctr = containerd.ctr();
  }

  @AfterEach
  void stop() throws IOException {
    if (containerd != null) {
      containerd.close();
    }
    if (server != null) {
      server.close();
    }
    Program.remove(directory);
  }

  private void load(String tag) throws IOException {
    var base = layout.packed(context.base());
    var tools = layout.packed(context.tools());
    layout.tag(tag, layout.image("amd64", base, tools, layout.layer(context.app())));
    Path archive = directory.resolve(tag + ".tar");
    Program.require("tar").run("-C", layout.directory().toString(), "-cf", archive.toString(), ".");
    ctr.run(
        "images", "import", "--no-unpack", "--base-name", HOST + "/team/app", archive.toString());
  }

  private String transfer(String direction, String tag) throws IOException {
    return ctr.run(
        "images", direction, "--hosts-dir", directory.resolve("hosts").toString(), image(tag));
  }

  private String pull(String tag) throws IOException {
    return pulling(directory.resolve("hosts")).run(image(tag));
  }

  private Program pulling(Path hosts) {
    return ctr.with("images", "pull", "--snapshotter", "native", "--hosts-dir", hosts.toString());
  }

  private static String image(String tag) {
    return HOST + "/team/app:" + tag;
  }

  private void forget(String... tags) throws IOException {
    for (String tag : tags) {
      ctr.run("images", "rm", "--sync", image(tag));
    }
    assertThat(ctr.run("content", "ls", "-q")).isEmpty();
  }

  @Test
  void anImageIsPushedPulledUpdatedAndDeleted() throws IOException {
    load("v1");
    transfer("push", "v1");
    long whole = server.received();

    int mark = server.requests();
    String other = HOST + "/other/app:v1";
    ctr.run("images", "tag", image("v1"), other);
    ctr.run("images", "push", "--hosts-dir", directory.resolve("hosts").toString(), other);
    server.requireFewRoundTrips(mark, BuildContext.LAYERS);
    assertThat(server.received()).as("bytes of blobs that are there").isEqualTo(whole);
    ctr.run("images", "rm", "--sync", other);

    forget("v1");
    long sent = server.sent();
    pull("v1");
    assertThat(server.sent() - sent).isGreaterThan(whole / 2);
    assertThat(ctr.run("images", "check", "name==" + image("v1"))).contains("complete");

    context.changeApp("two");
    load("v2");
    long before = server.received();
    transfer("push", "v2");
    assertThat(server.received() - before).isPositive().isLessThan(whole / 10);
    ctr.run("images", "rm", "--sync", image("v2"));
    pull("v2");

    forget("v1", "v2");
    assertThat(server.status("DELETE", "/v2/team/app/manifests/v1")).isEqualTo(202);
    assertThat(pulling(directory.resolve("hosts")).runFailing(image("v1"))).contains("not found");
    pull("v2");
  }

  @Test
  void theConfigurationThatSetupPrintsIsEnough() throws IOException {
    Path certs =
        Setup.write("containerd", server.address(), directory.resolve("setup"))
            .root()
            .resolve("etc/containerd/certs.d");
    load("v1");
    for (String name : List.of("team/app", "library/layercache-test")) {
      String image = "%s/%s:v1".formatted(server.address(), name);
      ctr.run("images", "tag", image("v1"), image);
      ctr.run("images", "push", "--hosts-dir", certs.toString(), image);
      ctr.run("images", "rm", "--sync", image);
    }
    forget("v1");
    pulling(certs).run(server.address() + "/team/app:v1");
    // Of Docker Hub, which is asked from the mirror first.
    pulling(certs).run("docker.io/library/layercache-test:v1");
  }
}

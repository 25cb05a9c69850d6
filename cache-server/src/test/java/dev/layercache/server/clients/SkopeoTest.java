package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** skopeo, which uses podman's library, copies images to and from the registry. */
@Tag("clients")
class SkopeoTest {
  @TempDir Path directory;
  private Program skopeo;
  private RegistryServer server;
  private BuildContext context;
  private ImageLayout layout;
  private ImageLayout.Layer base;

  @BeforeEach
  void start() throws IOException {
    skopeo = Program.require("skopeo");
    server = new RegistryServer(directory.resolve("data"));
    context = BuildContext.create(directory.resolve("context"));
    layout = new ImageLayout(directory.resolve("layout"));
    base = layout.packed(context.base());
  }

  @AfterEach
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
    Program.remove(directory);
  }

  private void push(String tag) throws IOException {
    skopeo.run(
        "copy",
        "--all",
        "--dest-tls-verify=false",
        "oci:%s:%s".formatted(layout.directory(), tag),
        "docker://%s/team/app:%s".formatted(server.address(), tag));
  }

  private Path pull(String tag, String into) throws IOException {
    Path pulled = directory.resolve(into);
    skopeo.run(
        "copy",
        "--all",
        "--src-tls-verify=false",
        "docker://%s/team/app:%s".formatted(server.address(), tag),
        "oci:%s:%s".formatted(pulled, tag));
    return pulled;
  }

  @Test
  void anImageComesBackByteForByteAndAnUpdateMovesOnlyTheChangedLayer() throws IOException {
    layout.tag("v1", layout.image("amd64", base, layout.layer(context.app())));
    push("v1");
    var pushed = ImageLayout.blobs(layout.directory());
    assertThat(ImageLayout.blobs(pull("v1", "pulled"))).isEqualTo(pushed);
    assertThat(ImageLayout.blobs(pull("v1", "again"))).isEqualTo(pushed);

    context.changeApp("two");
    layout.tag("v2", layout.image("amd64", base, layout.layer(context.app())));
    long before = server.received();
    push("v2");
    assertThat(server.received() - before).isPositive().isLessThan(base.size() / 10);
    assertThat(ImageLayout.blobs(pull("v2", "second"))).containsKey(hex(base));
  }

  private static String hex(ImageLayout.Layer layer) {
    return layer.descriptor().path("digest").asText().substring("sha256:".length());
  }

  @Test
  void aMultiPlatformIndexComesBackWhole() throws IOException {
    var amd64 = layout.image("amd64", base, layout.layer(context.app()));
    context.changeApp("arm");
    var arm64 = layout.image("arm64", base, layout.layer(context.app()));
    layout.tag("all", layout.index(amd64, arm64));
    push("all");
    assertThat(ImageLayout.blobs(pull("all", "pulled")))
        .isEqualTo(ImageLayout.blobs(layout.directory()));
  }

  @Test
  void anArtifactIsListedAsReferrerOfItsSubject() throws IOException {
    var image = layout.image("amd64", base);
    layout.tag("v1", image);
    layout.tag("sbom", layout.artifact(image, "application/spdx+json"));
    push("v1");
    push("sbom");
    assertThat(server.get("/v2/team/app/referrers/" + image.path("digest").asText()))
        .contains("application/spdx+json");
  }

  @Test
  void aDeletedImageIsGone() throws IOException {
    layout.tag("v1", layout.image("amd64", base));
    push("v1");
    String image = "docker://%s/team/app:v1".formatted(server.address());
    skopeo.run("inspect", "--tls-verify=false", image);
    skopeo.run("delete", "--tls-verify=false", image);
    assertThat(skopeo.runFailing("inspect", "--tls-verify=false", image))
        .contains("manifest unknown");
  }

  @Test
  void whatWasPulledIsALayoutThatUmociAccepts() throws IOException {
    var umoci = Program.requireAsRoot("umoci");
    layout.tag("v1", layout.image("amd64", base, layout.layer(context.app())));
    push("v1");
    Path bundle = directory.resolve("bundle");
    umoci.run("unpack", "--image", pull("v1", "pulled") + ":v1", bundle.toString());
    assertThat(BuildContext.run(bundle.resolve("rootfs"))).contains(BuildContext.GREETING);
  }

  @Test
  void aPushOfWhatIsThereTakesFewRoundTrips() throws IOException {
    var tools = layout.packed(context.tools());
    layout.tag("v1", layout.image("amd64", base, tools, layout.layer(context.app())));
    push("v1");
    int mark = server.requests();
    long before = server.received();
    skopeo.run(
        "copy",
        "--dest-tls-verify=false",
        "oci:%s:v1".formatted(layout.directory()),
        "docker://%s/other/app:v1".formatted(server.address()));
    server.requireFewRoundTrips(mark, BuildContext.LAYERS);
    assertThat(server.received()).isEqualTo(before);
  }

  @Test
  void theConfigurationThatSetupPrintsIsEnough() throws IOException {
    layout.tag("v1", layout.image("amd64", base));
    var setup = Setup.write("podman", server.address(), directory.resolve("setup"));
    var configured =
        skopeo.with(
            "--registries-conf", setup.path("/etc/containers/registries.conf.d/layercache.conf"));
    String image = "docker://%s/team/app:v1".formatted(server.address());
    configured.run("copy", "oci:%s:v1".formatted(layout.directory()), image);
    configured.run("inspect", image);
  }

  @Test
  void tagsAreListed() throws IOException {
    layout.tag("v1", layout.image("amd64", base));
    push("v1");
    assertThat(
            skopeo.run(
                "list-tags",
                "--tls-verify=false",
                "docker://%s/team/app".formatted(server.address())))
        .contains("\"v1\"");
  }
}

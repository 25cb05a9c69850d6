package dev.layercache.client.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ManifestParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What skopeo and umoci make of our images, and we of theirs. */
class RealToolsTest {
  @TempDir Path temp;

  private final TestImage image = image();

  @Test
  void skopeoReadsOurLayoutByteForByte() throws Exception {
    var skopeo = Tool.require("skopeo");
    write(ImageLocations.destination(at("oci", "ours:v1")));

    skopeo.run("copy", "--insecure-policy", at("oci", "ours:v1"), at("oci", "theirs:v1"));

    assertSame(at("oci", "theirs:v1"));
  }

  @Test
  void skopeoAddsToOurLayoutAndWeToIts() throws Exception {
    var skopeo = Tool.require("skopeo");
    write(ImageLocations.destination(at("oci", "ours:v1")));
    skopeo.run("copy", "--insecure-policy", at("oci", "ours:v1"), at("oci", "ours:v2"));
    write(ImageLocations.destination(at("oci", "ours:v3")));

    for (String tag : new String[] {"v1", "v2", "v3"}) {
      assertSame(at("oci", "ours:" + tag));
      skopeo.run("inspect", at("oci", "ours:" + tag));
    }
  }

  @Test
  void skopeoReadsOurArchiveAndWeReadIts() throws Exception {
    var skopeo = Tool.require("skopeo");
    write(ImageLocations.destination(at("oci-archive", "ours.tar:v1")));

    skopeo.run(
        "copy",
        "--insecure-policy",
        at("oci-archive", "ours.tar:v1"),
        at("oci-archive", "t.tar:v1"));

    assertSame(at("oci-archive", "t.tar:v1"));
  }

  @Test
  void skopeoReadsOurDockerArchiveAndWeReadIts() throws Exception {
    var skopeo = Tool.require("skopeo");
    write(ImageLocations.destination(at("docker-archive", "ours.tar:app:v1")));

    skopeo.run(
        "copy",
        "--insecure-policy",
        at("docker-archive", "ours.tar:app:v1"),
        at("docker-archive", "theirs.tar:app:v1"));
    skopeo.run(
        "copy", "--insecure-policy", at("docker-archive", "theirs.tar"), at("oci", "layout:v1"));

    // Both sides make a manifest of their own for the uncompressed layers: the config is the image.
    try (var ours = ImageLocations.source(at("docker-archive", "ours.tar"));
        var theirs =
            ImageLocations.source(at("docker-archive", "theirs.tar:docker.io/library/app:v1"))) {
      assertThat(config(theirs)).isEqualTo(config(ours));
      assertThat(TestImage.read(theirs)).hasSize(4);
    }
  }

  @Test
  void skopeoReadsOurIndex() throws Exception {
    var skopeo = Tool.require("skopeo");
    var index = TestImage.index(Map.of("amd64", image, "arm64", TestImage.of(9, true, 2_000)));
    try (var destination = ImageLocations.destination(at("oci", "ours:multi"))) {
      index.writeTo(destination, Optional.empty());
    }

    skopeo.run(
        "copy", "--all", "--insecure-policy", at("oci", "ours:multi"), at("oci", "theirs:multi"));

    try (var source = ImageLocations.source(at("oci", "theirs:multi"))) {
      index.assertIsIn(source);
    }
  }

  @Test
  void umociUnpacksOurLayout() throws Exception {
    var umoci = Tool.require("umoci");
    write(ImageLocations.destination(at("oci", "ours:v1")));
    Path layout = temp.resolve("ours");

    umoci.run("stat", "--image", layout + ":v1");
    umoci.run("tag", "--image", layout + ":v1", "v2");
    umoci.run("unpack", "--rootless", "--image", layout + ":v1", temp.resolve("bundle").toString());

    assertThat(Files.size(temp.resolve("bundle/rootfs/file-0"))).isEqualTo(50_000);
    assertSame(at("oci", "ours:v2"));
  }

  private String at(String transport, String path) {
    return transport + ':' + temp.resolve(path);
  }

  private void write(ImageDestination opened) throws IOException {
    try (var destination = opened) {
      image.writeTo(destination, Optional.empty());
    }
  }

  private void assertSame(String location) throws IOException {
    try (var source = ImageLocations.source(location)) {
      image.assertIsIn(source);
    }
  }

  private static Digest config(ImageSource source) throws IOException {
    return ManifestParser.parse(source.manifest(source.root()), "").config().orElseThrow().digest();
  }

  private static TestImage image() {
    try {
      return TestImage.of(7, true, 50_000, 100);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

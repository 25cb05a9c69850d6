package dev.layercache.client.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  @TempDir Path temp;

  @Test
  void anOciArchiveIsReadBackByteForByteAndLeavesNothingBeside() throws Exception {
    var image = TestImage.of(1, true, 300_000, 10);
    try (var destination = OciArchive.destination(file(), Optional.of("one"))) {
      image.writeTo(destination, Optional.empty());
    }

    try (var source = OciArchive.source(file(), Optional.of("one"))) {
      image.assertIsIn(source);
    }
    assertThat(beside()).containsExactly(file());
  }

  @Test
  void theSameImageGivesTheSameArchive() throws Exception {
    var image = TestImage.of(1, true, 1_000);
    for (Path path : List.of(file(), temp.resolve("again.tar"))) {
      try (var destination = OciArchive.destination(path, Optional.of("one"))) {
        image.writeTo(destination, Optional.empty());
      }
    }
    assertThat(file()).hasSameBinaryContentAs(temp.resolve("again.tar"));
  }

  @Test
  void anUnfinishedArchiveLeavesTheOldOne() throws Exception {
    Files.writeString(file(), "the old one");
    try (var destination = OciArchive.destination(file(), Optional.of("one"));
        var partial = destination.begin(TestImage.of(1, true, 10).root())) {
      partial.write(ByteBuffer.allocate(5));
    }

    assertThat(file()).hasContent("the old one");
    assertThat(beside()).containsExactly(file());
  }

  @Test
  void aReadStartsAnywhere() throws Exception {
    var image = TestImage.of(1, true, 10_000);
    try (var destination = OciArchive.destination(file(), Optional.of("one"))) {
      image.writeTo(destination, Optional.empty());
    }
    try (var source = OciArchive.source(file(), Optional.empty())) {
      var layer = ManifestParser.parse(source.manifest(source.root()), "").layers().get(0);
      byte[] whole;
      try (var in = source.open(layer, 0)) {
        whole = in.readAllBytes();
      }
      try (var in = source.open(layer, 1_234)) {
        assertThat(ByteBuffer.wrap(in.readAllBytes()))
            .isEqualTo(ByteBuffer.wrap(whole, 1_234, whole.length - 1_234));
      }
      try (var in = source.open(layer, layer.size())) {
        assertThat(in.read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void aDockerArchiveKeepsTheImagesDigest() throws Exception {
    var image = TestImage.of(1, true, 10_000, 20);
    try (var destination = DockerArchive.destination(file(), Optional.of("app/web:v1"))) {
      image.writeTo(destination, Optional.of("ignored"));
    }

    try (var source = DockerArchive.source(file(), Optional.of("app/web:v1"))) {
      image.assertIsIn(source);
    }
    assertThatThrownBy(() -> DockerArchive.source(file(), Optional.of("app/web")))
        .hasMessageContaining("has 0 images named app/web:latest (it has: app/web:v1)");
    assertThat(beside()).containsExactly(file());
  }

  @Test
  void aDockerArchiveHoldsOnePlatform() throws Exception {
    var index = TestImage.index(Map.of("amd64", TestImage.of(1, true, 10)));
    try (var destination = DockerArchive.destination(file(), Optional.of("app:v1"))) {
      assertThatThrownBy(() -> index.writeTo(destination, Optional.empty()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is an index of 1 images");
    }
    assertThat(beside()).isEmpty();
  }

  @Test
  void anOldDockerArchiveGetsAManifestOfItsLayersAsTheyAre() throws Exception {
    byte[] base = TestImage.tar(Map.of("base", new byte[70_000]));
    byte[] app = TestImage.tar(Map.of("app", "application".getBytes(StandardCharsets.UTF_8)));
    writeOldDockerArchive(List.of(base, app, base), List.of(base, app, base));

    try (var source = DockerArchive.source(file(), Optional.of("old:v1"))) {
      assertThat(source.root().mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
      var manifest =
          ManifestParser.parse(source.manifest(source.root()), source.root().mediaType());
      assertThat(manifest.layers())
          .allMatch(layer -> layer.mediaType().equals(MediaTypes.OCI_LAYER))
          .extracting(layer -> layer.digest())
          .containsExactly(Digest.of(base), Digest.of(app), Digest.of(base));
      assertThat(TestImage.read(source))
          .containsEntry(Digest.of(base), base)
          .containsEntry(Digest.of(app), app);
    }
  }

  @Test
  void aGzippedLayerInAnOldDockerArchiveIsTakenAsItIs() throws Exception {
    byte[] tar = TestImage.tar(Map.of("app", new byte[1_000]));
    byte[] gzip = TestImage.gzip(tar);
    writeOldDockerArchive(List.of(gzip), List.of(tar));

    try (var source = DockerArchive.source(file(), Optional.empty())) {
      assertThat(ManifestParser.parse(source.manifest(source.root()), "").layers())
          .singleElement()
          .matches(layer -> layer.mediaType().equals(MediaTypes.OCI_LAYER_GZIP))
          .matches(layer -> layer.digest().equals(Digest.of(gzip)));
    }
  }

  @Test
  void aLayerThatIsNotWhatTheConfigSaysIsRefused() throws Exception {
    byte[] tar = TestImage.tar(Map.of("app", new byte[1_000]));
    byte[] other = TestImage.tar(Map.of("app", new byte[1_001]));
    writeOldDockerArchive(List.of(tar), List.of(other));
    assertThatThrownBy(() -> DockerArchive.source(file(), Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected: " + Digest.of(other));

    writeOldDockerArchive(List.of(tar), List.of(tar, tar));
    assertThatThrownBy(() -> DockerArchive.source(file(), Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names 2 layers (expected: 1");
  }

  /** As docker wrote it before version 25: a layer that comes again is a symbolic link. */
  private void writeOldDockerArchive(List<byte[]> layers, List<byte[]> uncompressed)
      throws IOException {
    var diffIds = uncompressed.stream().map(tar -> '"' + Digest.of(tar).toString() + '"').toList();
    byte[] config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
            .formatted(String.join(",", diffIds))
            .getBytes(StandardCharsets.UTF_8);
    var paths = new LinkedHashMap<Integer, String>();
    for (int i = 0; i < layers.size(); i++) {
      paths.put(i, "layer%d/layer.tar".formatted(i));
    }
    String names = String.join("\",\"", paths.values());
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(file()), "UTF-8")) {
      for (int i = 0; i < layers.size(); i++) {
        int first = layers.indexOf(layers.get(i));
        tar.putArchiveEntry(new TarArchiveEntry("layer%d/".formatted(i)));
        tar.closeArchiveEntry();
        if (first < i) {
          var link = new TarArchiveEntry("layer%d/layer.tar".formatted(i), TarConstants.LF_SYMLINK);
          link.setLinkName("../layer%d/layer.tar".formatted(first));
          tar.putArchiveEntry(link);
          tar.closeArchiveEntry();
        } else {
          put(tar, "layer%d/layer.tar".formatted(i), layers.get(i));
        }
      }
      put(tar, "config.json", config);
      put(
          tar,
          "manifest.json",
          "[{\"Config\":\"config.json\",\"RepoTags\":[\"old:v1\"],\"Layers\":[\"%s\"]}]"
              .formatted(names)
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private Path file() {
    return temp.resolve("archive.tar");
  }

  private List<Path> beside() throws IOException {
    try (var entries = Files.list(temp)) {
      return entries.toList();
    }
  }
}

package dev.layercache.load.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutWriterTest {
  @TempDir private Path directory;

  @Test
  void theSameTreeGivesTheSameLayer() throws Exception {
    var first = LayoutWriter.layer(tree("a", "content"), directory.resolve("first"));
    var again = LayoutWriter.layer(tree("b", "content"), directory.resolve("again"));
    var other = LayoutWriter.layer(tree("c", "other"), directory.resolve("other"));
    assertThat(again.digest()).isEqualTo(first.digest()).isNotEqualTo(other.digest());
    assertThat(Digest.of(Files.readAllBytes(first.file()))).isEqualTo(first.digest());
    try (var tar = new GZIPInputStream(Files.newInputStream(first.file()))) {
      assertThat(Digest.of(tar.readAllBytes())).isEqualTo(first.diffId());
    }
  }

  @Test
  void anImageNamesEveryBlobByItsDigest() throws Exception {
    var layer = LayoutWriter.layer(tree("a", "content"), directory.resolve("layer"));
    var layout = directory.resolve("layout");
    LayoutWriter.image(layout, "v1", List.of(layer));
    var json = new ObjectMapper();
    var index = json.readTree(layout.resolve("index.json").toFile()).at("/manifests/0");
    assertThat(index.at("/annotations/org.opencontainers.image.ref.name").asText()).isEqualTo("v1");
    var manifest = json.readTree(blob(layout, index.at("/digest").asText()));
    assertThat(manifest.at("/layers/0/size").asLong()).isEqualTo(layer.size());
    var config = json.readTree(blob(layout, manifest.at("/config/digest").asText()));
    assertThat(config.at("/rootfs/diff_ids/0").asText()).isEqualTo(layer.diffId().toString());
    blob(layout, manifest.at("/layers/0/digest").asText());
  }

  private static byte[] blob(Path layout, String digest) throws IOException {
    var hex = digest.substring(digest.indexOf(':') + 1);
    var bytes = Files.readAllBytes(layout.resolve("blobs/sha256").resolve(hex));
    assertThat(Digest.of(bytes).hex()).isEqualTo(hex);
    return bytes;
  }

  private Path tree(String name, String content) throws IOException {
    var root = Files.createDirectory(directory.resolve(name));
    Files.writeString(root.resolve("file"), content);
    return root;
  }
}

package dev.layercache.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeletionTest {
  private static final byte[] ALL = new byte[0];

  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;

  @Test
  void deletedTagLeavesItsManifest() throws IOException {
    Descriptor manifest = fixture.put("app", fixture.image("one"), "v1", "v2");

    assertThat(images.deleteTag("app", "v1")).isTrue();

    assertThat(images.get("app", "v1")).isEmpty();
    assertThat(fixture.tagNames("app")).containsExactly("v2");
    assertThat(images.get("app", manifest.digest().toString())).isPresent();
    assertThat(images.deleteTag("app", "v1")).isFalse();
    assertThat(images.deleteTag("nowhere", "v1")).isFalse();
  }

  @Test
  void deletedManifestTakesItsTags() throws IOException {
    Descriptor first = fixture.put("app", fixture.image("one"), "v1", "moved");
    Descriptor second = fixture.put("app", fixture.image("two"), "moved");

    assertThat(images.deleteManifest("app", first.digest())).isTrue();

    assertThat(fixture.tagNames("app")).containsExactly("moved");
    assertThat(images.get("app", first.digest().toString())).isEmpty();
    assertThat(images.resolve("app", "moved").orElseThrow().descriptor()).isEqualTo(second);
    assertThat(images.deleteManifest("app", first.digest())).isFalse();
  }

  @Test
  void deletedManifestStaysInOtherRepositories() throws IOException {
    Descriptor manifest = fixture.push("app", "one");
    fixture.push("app-b", "one");

    images.deleteManifest("app", manifest.digest());

    assertThat(images.tags("app", "", 1)).isEmpty();
    assertThat(images.repositories("", 10).items()).containsExactly("app-b");
    assertThat(images.get("app-b", "one")).isPresent();
  }

  @Test
  void deletedManifestCanBePutAgain() throws IOException {
    Descriptor manifest = fixture.push("app", "one");
    images.deleteManifest("app", manifest.digest());

    fixture.push("app", "one");

    assertThat(images.resolve("app", "one").orElseThrow().descriptor()).isEqualTo(manifest);
  }

  @Test
  void manifestWithThousandsOfTagsIsDeleted() throws IOException {
    byte[] image = fixture.image("one");
    Descriptor manifest = fixture.put("app", image);
    for (int batch = 0; batch < 25; batch++) {
      var tags = new String[100];
      for (int i = 0; i < tags.length; i++) {
        tags[i] = "t" + batch + "-" + i;
      }
      fixture.put("app", image, tags);
    }
    fixture.push("app", "kept");

    images.deleteManifest("app", manifest.digest());

    assertThat(fixture.tagNames("app")).containsExactly("kept");
  }

  @ParameterizedTest
  @EnumSource(Table.class)
  void deletionLeavesNoRowBehind(Table table) throws IOException {
    Descriptor subject = fixture.push("app", "subject");
    Descriptor layer = fixture.layer("layer");
    byte[] bytes =
        ManifestJson.manifest(fixture.config("{}"), layer).with("subject", subject).bytes();
    Descriptor manifest = fixture.put("app", bytes, "v1", "v2");
    images.deleteBlob("app", layer.digest());

    images.deleteTag("app", "v1");
    images.deleteManifest("app", manifest.digest());
    images.deleteManifest("app", subject.digest());
    images.restoreBlob("app", layer.digest());

    assertThat(fixture.metadata.scan(table, ALL, ALL, 10)).isEmpty();
  }

  @Test
  void deletedBlobIsHiddenInOneRepository() throws IOException {
    Descriptor layer = fixture.layer("layer");

    assertThat(images.deleteBlob("app", layer.digest())).isTrue();

    assertThat(images.isDeleted("app", layer.digest())).isTrue();
    assertThat(images.isDeleted("app-b", layer.digest())).isFalse();
    assertThat(fixture.blobs.stat(layer.digest())).isPresent();
    assertThat(images.deleteBlob("app", layer.digest())).isFalse();

    images.restoreBlob("app", layer.digest());
    assertThat(images.isDeleted("app", layer.digest())).isFalse();
  }

  @Test
  void absentBlobCannotBeDeleted() throws IOException {
    Digest absent = ImageFixture.absentLayer("x").digest();

    assertThat(images.deleteBlob("app", absent)).isFalse();
    assertThat(images.isDeleted("app", absent)).isFalse();
  }

  @Test
  void imageOfADeletedBlobIsNeitherServedNorTaken() throws IOException {
    Descriptor layer = fixture.layer("layer");
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), layer).bytes();
    fixture.put("app", manifest, "v1");
    fixture.put("app-b", manifest, "v1");

    images.deleteBlob("app", layer.digest());

    assertThat(images.get("app", "v1")).isEmpty();
    assertThat(images.get("app-b", "v1")).isPresent();
    assertThatThrownBy(() -> fixture.put("app", manifest, "v2"))
        .isInstanceOf(MissingBlobsException.class)
        .hasMessageContaining(layer.digest().toString());

    images.restoreBlob("app", layer.digest());
    assertThat(images.get("app", "v1")).isPresent();
    fixture.put("app", manifest, "v2");
  }

  @Test
  void aRestoringPutBringsDeletedBlobsBack() throws IOException {
    Descriptor layer = fixture.layer("layer");
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), layer).bytes();
    images.deleteBlob("app", layer.digest());

    images.putRestoring("app", Optional.empty(), List.of("v1"), manifest, "");

    assertThat(images.isDeleted("app", layer.digest())).isFalse();
    assertThat(images.get("app", "v1")).isPresent();
  }

  @Test
  void aRestoringPutStillNeedsEveryBlob() throws IOException {
    Descriptor layer = fixture.layer("layer");
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), layer).bytes();
    images.deleteBlob("app", layer.digest());
    fixture.blobs.delete(layer.digest());

    assertThatThrownBy(
            () -> images.putRestoring("app", Optional.empty(), List.of("v1"), manifest, ""))
        .isInstanceOf(MissingBlobsException.class);
    assertThat(images.isDeleted("app", layer.digest())).isTrue();
  }
}

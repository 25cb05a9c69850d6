package dev.layercache.server.image;

import static dev.layercache.server.image.ImageFixture.absentLayer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.InvalidManifestException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Indexes, and that an image is served whole or not at all. */
class DeliverabilityTest {
  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;

  @Test
  void manifestIsNotServedWhenALayerIsGone() throws IOException {
    Descriptor layer = fixture.layer("layer");
    Descriptor manifest =
        fixture.put("app", ManifestJson.manifest(fixture.config("{}"), layer).bytes(), "v1");

    fixture.blobs.delete(layer.digest());

    assertThat(images.get("app", "v1")).isEmpty();
    assertThat(images.resolve("app", manifest.digest().toString())).isEmpty();
    assertThat(images.inspect("app", "v1")).isEmpty();

    fixture.layer("layer");
    assertThat(images.resolve("app", "v1").orElseThrow().descriptor()).isEqualTo(manifest);
  }

  @Test
  void manifestIsNotServedWhenItsConfigOrItsOwnBytesAreGone() throws IOException {
    Descriptor config = fixture.config("{}");
    byte[] bytes = ManifestJson.manifest(config).bytes();
    fixture.put("app", bytes, "v1");

    fixture.blobs.delete(config.digest());
    assertThat(images.resolve("app", "v1")).isEmpty();

    fixture.config("{}");
    fixture.blobs.delete(Digest.of(bytes));
    assertThat(images.resolve("app", "v1")).isEmpty();
    assertThat(images.get("app", "v1")).isEmpty();

    fixture.put("app", bytes);
    assertThat(images.get("app", "v1").orElseThrow().bytes()).isEqualTo(bytes);
  }

  @Test
  void indexNeedsItsManifestsInTheRepository() throws IOException {
    Descriptor elsewhere = fixture.push("other", "one");
    byte[] index = ManifestJson.index(elsewhere).bytes();

    assertThatThrownBy(() -> fixture.put("app", index, "v1"))
        .isInstanceOf(MissingBlobsException.class)
        .hasMessageContaining(elsewhere.digest().toString());

    fixture.push("app", "one");
    fixture.put("app", index, "v1");
    assertThat(images.get("app", "v1").orElseThrow().bytes()).isEqualTo(index);
  }

  @Test
  void indexIsNotServedWhenALayerOfOneOfItsManifestsIsGone() throws IOException {
    Descriptor layer = fixture.layer("layer");
    Descriptor child =
        fixture.put("app", ManifestJson.manifest(fixture.config("{}"), layer).bytes());
    Descriptor inner = fixture.put("app", ManifestJson.index(child).bytes());
    byte[] outer = ManifestJson.index(inner, fixture.push("app", "other")).bytes();
    fixture.put("app", outer, "v1");
    assertThat(images.get("app", "v1")).isPresent();

    fixture.blobs.delete(layer.digest());

    assertThat(images.get("app", "v1")).isEmpty();
    assertThat(images.get("app", inner.digest().toString())).isEmpty();
    assertThatThrownBy(() -> fixture.put("app", outer, "v2"))
        .isInstanceOf(MissingBlobsException.class)
        .hasMessageContaining(inner.digest().toString());
  }

  @Test
  void indexIsServedAfterOneOfItsManifestsWasDeleted() throws IOException {
    Descriptor kept = fixture.push("app", "kept");
    Descriptor deleted = fixture.push("app", "deleted");
    byte[] index = ManifestJson.index(kept, deleted).bytes();
    fixture.put("app", index, "v1");

    images.deleteManifest("app", deleted.digest());

    assertThat(images.get("app", "v1").orElseThrow().bytes()).isEqualTo(index);
    assertThat(images.get("app", deleted.digest().toString())).isEmpty();
  }

  @Test
  void indexSaysTheSizeOfItsManifests() throws IOException {
    Descriptor child = fixture.push("app", "one");
    var wrong = new Descriptor(child.mediaType(), child.digest(), child.size() - 1);

    assertThatThrownBy(() -> fixture.put("app", ManifestJson.index(wrong).bytes()))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("expected: " + child.size());
  }

  @Test
  void buildKitCacheIndexNamesLayers() throws IOException {
    Descriptor layer = fixture.layer("cached layer");
    Descriptor config = fixture.blob("application/vnd.buildkit.cacheconfig.v0", "{\"layers\":[]}");
    byte[] index = ManifestJson.index(layer, config).bytes();

    fixture.put("cache", index, "main");

    assertThat(images.get("cache", "main").orElseThrow().bytes()).isEqualTo(index);
    fixture.blobs.delete(layer.digest());
    assertThat(images.get("cache", "main")).isEmpty();
    assertThatThrownBy(() -> fixture.put("cache", index, "main"))
        .isInstanceOf(MissingBlobsException.class)
        .hasMessageContaining(layer.digest().toString());
  }

  @Test
  void buildKitCacheManifestNamesLayers() throws IOException {
    Descriptor layer = fixture.layer("cached layer");
    Descriptor config = fixture.blob("application/vnd.buildkit.cacheconfig.v0", "{\"layers\":[]}");
    byte[] manifest = ManifestJson.manifest(config, layer).bytes();

    fixture.put("cache", manifest, "main");

    assertThat(images.get("cache", "main").orElseThrow().bytes()).isEqualTo(manifest);
  }

  @Test
  void indexMayNameAManifestOfAnyType() throws IOException {
    byte[] unknown = "{}".getBytes(UTF_8);
    var put = images.put("app", Optional.empty(), List.of(), unknown, "application/x.y+json");
    byte[] index = ManifestJson.index(put.descriptor()).bytes();

    fixture.put("app", index, "v1");

    assertThat(images.get("app", "v1")).isPresent();
    assertThat(images.get("app", put.descriptor().digest().toString())).isPresent();
  }

  @Test
  void emptyIndexIsAnImage() throws IOException {
    byte[] index = ManifestJson.index().bytes();

    fixture.put("app", index, "v1");

    assertThat(images.get("app", "v1").orElseThrow().bytes()).isEqualTo(index);
  }

  @Test
  void nestingIsBoundedByWhatItNames() throws IOException {
    var layers = new Descriptor[500];
    for (int i = 1; i < layers.length; i++) {
      layers[i] = fixture.layer("shared " + i);
    }
    var many = new Descriptor[100];
    for (int i = 0; i < many.length; i++) {
      layers[0] = fixture.layer("own " + i);
      many[i] = fixture.put("app", ManifestJson.manifest(fixture.config("{}"), layers).bytes());
    }

    assertThatThrownBy(() -> fixture.put("app", ManifestJson.index(many).bytes()))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("names 50200 blobs and manifests")
        .hasMessageContaining("expected: at most 50000");
  }

  @Test
  void anAbsentForeignLayerCountsOnlyWhereItIsForeign() throws IOException {
    Descriptor absent = absentLayer("x");
    var foreign =
        new Descriptor(
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            absent.digest(),
            absent.size());

    assertThatThrownBy(
            () ->
                fixture.put(
                    "app", ManifestJson.manifest(fixture.config("{}"), absent, foreign).bytes()))
        .isInstanceOf(MissingBlobsException.class);
    assertThatThrownBy(
            () ->
                fixture.put(
                    "app", ManifestJson.manifest(fixture.config("{}"), foreign, absent).bytes()))
        .isInstanceOf(MissingBlobsException.class);
  }
}

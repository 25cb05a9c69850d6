package dev.layercache.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InspectionTest {
  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;

  private static Descriptor on(String platform, Descriptor plain) {
    return new Descriptor(
        plain.mediaType(),
        plain.digest(),
        plain.size(),
        List.of(),
        Optional.of(Platform.parse(platform)),
        Optional.empty(),
        Map.of());
  }

  private static ImageReference named(String repository, Descriptor manifest) {
    return new ImageReference(repository, Optional.empty(), Optional.of(manifest.digest()));
  }

  @Test
  void imageHasPlatformConfigAndLayersInOrder() throws IOException {
    Descriptor config =
        fixture.config("{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}");
    Descriptor base = fixture.layer("base");
    Descriptor top = fixture.layer("top");
    Descriptor manifest =
        fixture.put("app", ManifestJson.manifest(config, base, top).bytes(), "v1");

    var inspection = images.inspect("app", "v1").orElseThrow();

    assertThat(inspection.manifest().descriptor()).isEqualTo(manifest);
    assertThat(inspection.complete()).isTrue();
    assertThat(inspection.images())
        .containsExactly(
            new Inspection.Image(
                manifest,
                Optional.of(Platform.parse("linux/arm64/v8")),
                Optional.of(config),
                List.of(
                    new Inspection.Layer(base, List.of(), 0),
                    new Inspection.Layer(top, List.of(), 0))));
  }

  @Test
  void layersNameTheOtherImagesThatShareThem() throws IOException {
    Descriptor base = fixture.layer("base");
    Descriptor first =
        fixture.put("app", ManifestJson.manifest(fixture.config("{\"a\":1}"), base).bytes(), "v1");
    Descriptor second =
        fixture.put("app", ManifestJson.manifest(fixture.config("{\"a\":2}"), base).bytes());
    fixture.put("team/b", ManifestJson.manifest(fixture.config("{\"a\":1}"), base).bytes());

    var layer = images.inspect("app", "v1").orElseThrow().images().getFirst().layers().getFirst();

    assertThat(layer.blob()).isEqualTo(base);
    assertThat(layer.sharedWith()).containsExactly(named("app", second), named("team/b", first));
    assertThat(layer.sharedTotal()).isEqualTo(2);
  }

  @Test
  void sharingIsNamedTenTimesAndCountedOn() throws IOException {
    Descriptor base = fixture.layer("base");
    for (int i = 0; i < 15; i++) {
      fixture.put(
          "app", ManifestJson.manifest(fixture.config("{\"a\":" + i + "}"), base).bytes(), "v" + i);
    }

    var layer = images.inspect("app", "v7").orElseThrow().images().getFirst().layers().getFirst();

    assertThat(layer.sharedWith()).hasSize(10).doesNotHaveDuplicates();
    assertThat(layer.sharedTotal()).isEqualTo(14);
  }

  @Test
  void nestedIndexShowsEveryImageWithTheIndexesPlatform() throws IOException {
    Descriptor amd = on("linux/amd64", fixture.push("app", "amd"));
    Descriptor arm = on("linux/arm64", fixture.push("app", "arm"));
    Descriptor inner = fixture.put("app", ManifestJson.index(arm).bytes());
    fixture.put("app", ManifestJson.index(amd, inner, amd).bytes(), "all");

    var inspection = images.inspect("app", "all").orElseThrow();

    assertThat(inspection.images())
        .extracting(image -> image.manifest().digest() + " " + image.platform().orElseThrow())
        .containsExactly(amd.digest() + " linux/amd64", arm.digest() + " linux/arm64");
  }

  @Test
  void deletedManifestOfAnIndexIsLeftOut() throws IOException {
    Descriptor kept = fixture.push("app", "kept");
    Descriptor deleted = fixture.push("app", "deleted");
    fixture.put("app", ManifestJson.index(kept, deleted).bytes(), "all");
    images.deleteManifest("app", deleted.digest());

    assertThat(images.inspect("app", "all").orElseThrow().images())
        .extracting(image -> image.manifest().digest())
        .containsExactly(kept.digest());
  }

  @Test
  void cacheIndexShowsTheLayersThatItNames() throws IOException {
    Descriptor layer = fixture.layer("cached");
    Descriptor config = fixture.blob("application/vnd.buildkit.cacheconfig.v0", "{}");
    Descriptor index = fixture.put("cache", ManifestJson.index(layer, config).bytes(), "main");

    var image = images.inspect("cache", "main").orElseThrow().images().getFirst();

    assertThat(image.manifest()).isEqualTo(index);
    assertThat(image.config()).isEmpty();
    assertThat(image.layers()).extracting(Inspection.Layer::blob).containsExactly(layer, config);
  }

  @Test
  void largeIndexIsCut() throws IOException {
    var manifests = new Descriptor[300];
    for (int i = 0; i < manifests.length; i++) {
      manifests[i] = fixture.put("app", fixture.image("i" + i));
    }
    fixture.put("app", ManifestJson.index(manifests).bytes(), "all");

    var inspection = images.inspect("app", "all").orElseThrow();

    assertThat(inspection.complete()).isFalse();
    assertThat(inspection.images()).hasSize(Inspector.MAX_MANIFESTS - 1);
  }

  @Test
  void configThatIsNoConfigurationHasNoPlatform() throws IOException {
    fixture.put("app", ManifestJson.manifest(fixture.config("[[not json")).bytes(), "a");

    assertThat(images.inspect("app", "a").orElseThrow().images().getFirst().platform()).isEmpty();
  }
}

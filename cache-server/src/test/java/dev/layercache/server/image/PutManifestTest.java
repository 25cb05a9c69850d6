package dev.layercache.server.image;

import static dev.layercache.server.image.ImageFixture.absentLayer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.DigestMismatchException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PutManifestTest {
  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;

  @Test
  void manifestIsFoundByEveryTagAndByDigest() throws IOException {
    byte[] manifest = fixture.image("one");

    var stored = images.put("app", Optional.empty(), List.of("v1", "latest"), manifest, "");

    assertThat(stored.descriptor())
        .isEqualTo(new Descriptor(MediaTypes.OCI_MANIFEST, Digest.of(manifest), manifest.length));
    for (String reference : List.of("v1", "latest", Digest.of(manifest).toString())) {
      var content = images.get("app", reference).orElseThrow();
      assertThat(content.bytes()).isEqualTo(manifest);
      assertThat(content.manifest()).isEqualTo(stored);
      assertThat(images.resolve("app", reference)).contains(stored);
    }
    assertThat(images.tags("app", "", 10).orElseThrow().items())
        .containsExactly(
            new Tag("latest", stored.descriptor(), ImageFixture.NOW),
            new Tag("v1", stored.descriptor(), ImageFixture.NOW));
  }

  @Test
  void tagMovesToTheLastManifestPut() throws IOException {
    Descriptor first = fixture.put("app", fixture.image("one"), "latest");
    Descriptor second = fixture.put("app", fixture.image("two"), "latest");

    assertThat(images.resolve("app", "latest").orElseThrow().descriptor()).isEqualTo(second);
    assertThat(images.resolve("app", first.digest().toString())).isPresent();
  }

  @Test
  void manifestIsKnownOnlyInItsRepository() throws IOException {
    Descriptor manifest = fixture.push("app", "one");

    assertThat(images.get("app-b", manifest.digest().toString())).isEmpty();
    assertThat(images.get("ap", "one")).isEmpty();
  }

  @Test
  void missingBlobsAreNamedInOrderAndNothingIsKept() throws IOException {
    Descriptor config = fixture.config("{}");
    Descriptor first = absentLayer("first");
    Descriptor second = absentLayer("second");
    byte[] manifest = ManifestJson.manifest(config, second, first, second).bytes();

    var refused =
        catchThrowableOfType(
            MissingBlobsException.class, () -> fixture.put("app", manifest, "latest"));

    assertThat(refused.missing()).containsExactly(second, first);
    assertThat(refused.total()).isEqualTo(2);
    assertThat(refused)
        .hasMessageContaining(second.digest().toString())
        .hasMessageContaining("names 2");
    assertThat(fixture.blobs.stat(Digest.of(manifest))).isEmpty();
    assertThat(images.tags("app", "", 1)).isEmpty();
    assertThat(images.repositories("", 10).items()).isEmpty();
  }

  @Test
  void atMostAThousandMissingBlobsAreCarried() throws IOException {
    Descriptor[] layers =
        IntStream.range(0, 1_234)
            .mapToObj(i -> absentLayer("layer " + i))
            .toArray(Descriptor[]::new);
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), layers).bytes();

    var refused =
        catchThrowableOfType(MissingBlobsException.class, () -> fixture.put("app", manifest));

    assertThat(refused.missing()).hasSize(1_000).startsWith(layers[0], layers[1]);
    assertThat(refused.total()).isEqualTo(1_234);
    assertThat(refused).hasMessageEndingWith("and 1231 more");
  }

  @Test
  void wrongSizeIsRefused() throws IOException {
    Descriptor layer = fixture.layer("twelve bytes");
    var wrong = new Descriptor(layer.mediaType(), layer.digest(), 13);
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), layer, wrong).bytes();

    assertThatThrownBy(() -> fixture.put("app", manifest))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("has 13 bytes (expected: 12");
    assertThat(fixture.blobs.stat(Digest.of(manifest))).isEmpty();
  }

  @Test
  void expectedDigestMustMatch() throws IOException {
    byte[] manifest = fixture.image("one");
    Digest other = Digest.of("other".getBytes(UTF_8));

    assertThatThrownBy(() -> images.put("app", Optional.of(other), List.of(), manifest, ""))
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining(other.toString());
    assertThat(fixture.blobs.stat(Digest.of(manifest))).isEmpty();
  }

  @Test
  void expectedDigestChoosesTheAlgorithm() throws IOException {
    byte[] manifest = fixture.image("one");
    var hash = DigestAlgorithm.SHA512.newHash();
    hash.update(manifest);
    Digest digest = Digest.of(DigestAlgorithm.SHA512, hash);

    var stored = images.put("app", Optional.of(digest), List.of("v1"), manifest, "");

    assertThat(stored.descriptor().digest()).isEqualTo(digest);
    assertThat(images.get("app", digest.toString()).orElseThrow().bytes()).isEqualTo(manifest);
    assertThat(images.resolve("app", "v1")).contains(stored);
  }

  @Test
  void subjectNeedNotExist() throws IOException {
    Descriptor subject = absentLayer("nowhere");
    byte[] manifest = ManifestJson.manifest(fixture.config("{}")).with("subject", subject).bytes();

    var stored = images.put("app", Optional.empty(), List.of("sig"), manifest, "");

    assertThat(stored.subject()).contains(subject.digest());
    assertThat(images.resolve("app", "sig")).contains(stored);
  }

  @Test
  void layersThatClientsGetElsewhereMayBeAbsent() throws IOException {
    Descriptor plain = absentLayer("windows base");
    var foreign =
        new Descriptor(
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", plain.digest(), 12);
    var nonDistributable =
        new Descriptor(
            "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            absentLayer("b").digest(),
            1);
    var withUrls =
        new Descriptor(
            MediaTypes.OCI_LAYER_GZIP,
            absentLayer("c").digest(),
            1,
            List.of("https://layers.example/c"),
            Optional.empty(),
            Optional.empty(),
            Map.of());
    byte[] manifest =
        ManifestJson.manifest(fixture.config("{}"), foreign, nonDistributable, withUrls).bytes();

    fixture.put("app", manifest, "windows");

    assertThat(images.get("app", "windows").orElseThrow().bytes()).isEqualTo(manifest);
  }

  @Test
  void dockerSchema2IsTaken() throws IOException {
    Descriptor config = fixture.blob(MediaTypes.DOCKER_CONFIG, "{}");
    Descriptor layer = fixture.blob(MediaTypes.DOCKER_LAYER_GZIP, "layer");
    byte[] manifest =
        ManifestJson.manifest(config, layer).with("mediaType", MediaTypes.DOCKER_MANIFEST).bytes();
    var stored =
        images.put("app", Optional.empty(), List.of("a"), manifest, MediaTypes.DOCKER_MANIFEST);
    byte[] list =
        ManifestJson.index(stored.descriptor())
            .with("mediaType", MediaTypes.DOCKER_MANIFEST_LIST)
            .bytes();

    Descriptor listed = fixture.put("app", list, "list");

    assertThat(stored.descriptor().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
    assertThat(listed.mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST_LIST);
    assertThat(images.get("app", "list").orElseThrow().bytes()).isEqualTo(list);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws"
      })
  void dockerSchema1IsRefused(String mediaType) {
    byte[] manifest = "{\"schemaVersion\":1,\"fsLayers\":[]}".getBytes(UTF_8);

    assertThatThrownBy(() -> images.put("app", Optional.empty(), List.of(), manifest, mediaType))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("schema 1");
    assertThatThrownBy(() -> fixture.put("app", manifest))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("schema 1");
  }

  @Test
  void unknownMediaTypeIsStoredAsGiven() throws IOException {
    byte[] content = "{\"layers\": [\"not descriptors\"]}".getBytes(UTF_8);

    images.put("app", Optional.empty(), List.of("x"), content, "application/vnd.example.v9+json");

    var found = images.get("app", "x").orElseThrow();
    assertThat(found.bytes()).isEqualTo(content);
    assertThat(found.manifest().descriptor().mediaType())
        .isEqualTo("application/vnd.example.v9+json");
  }

  @Test
  void mediaTypeOfTheSameBytesCanBeCorrected() throws IOException {
    Descriptor subject = absentLayer("subject");
    byte[] manifest =
        ManifestJson.manifest(fixture.config("{}"), fixture.layer("layer"))
            .with("subject", subject)
            .without("mediaType")
            .bytes();
    fixture.put("app", manifest, "x");

    images.put("app", Optional.empty(), List.of("x"), manifest, "application/vnd.example+json");

    assertThat(images.resolve("app", "x").orElseThrow().descriptor().mediaType())
        .isEqualTo("application/vnd.example+json");
    assertThat(images.referrers("app", subject.digest(), Optional.empty(), "", 10).items())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "UPPER", "../x", "a//b", "a/", "a\0b", "a b"})
  void malformedRepositoryIsRefused(String repository) {
    assertThatThrownBy(() -> fixture.put(repository, fixture.image("one")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("repository name")
        .hasMessageContaining("expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-x", ".x", "a/b", "a\0b"})
  void malformedTagIsRefused(String tag) throws IOException {
    byte[] manifest = fixture.image("one");

    assertThatThrownBy(() -> fixture.put("app", manifest, "good", tag))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tag");
    assertThat(images.tags("app", "", 1)).isEmpty();
  }

  @Test
  void tooManyTagsAreRefused() throws IOException {
    byte[] manifest = fixture.image("one");
    var tags = IntStream.rangeClosed(0, 100).mapToObj(i -> "t" + i).toArray(String[]::new);

    assertThatThrownBy(() -> fixture.put("app", manifest, tags))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("101 tags at once (expected: at most 100)");
  }
}

package dev.layercache.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReferrersTest {
  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;
  private final Descriptor subject = ImageFixture.absentLayer("subject, not pushed yet");

  private Descriptor refer(String name, String artifactType, Map<String, String> annotations)
      throws IOException {
    var manifest =
        ManifestJson.manifest(fixture.blob(MediaTypes.OCI_EMPTY, "{}"), fixture.layer(name))
            .with("subject", subject)
            .annotated(annotations);
    if (!artifactType.isEmpty()) {
      manifest.with("artifactType", artifactType);
    }
    return fixture.put("app", manifest.bytes());
  }

  private List<Descriptor> all(Optional<String> artifactType, int pageSize) throws IOException {
    var found = new ArrayList<Descriptor>();
    Optional<String> last = Optional.of("");
    while (last.isPresent()) {
      var page = images.referrers("app", subject.digest(), artifactType, last.get(), pageSize);
      assertThat(page.items()).hasSizeLessThanOrEqualTo(pageSize);
      found.addAll(page.items());
      last = page.next();
    }
    return found;
  }

  @Test
  void referrerCarriesArtifactTypeAndAnnotations() throws IOException {
    var annotations = Map.of("org.example.a", "1", "ü", "");
    Descriptor signature = refer("signature", "application/x.signature", annotations);

    assertThat(all(Optional.empty(), 10))
        .containsExactly(
            signature.withArtifact(Optional.of("application/x.signature"), annotations));
  }

  @Test
  void artifactTypeIsElseThatOfTheConfig() throws IOException {
    Descriptor referrer = refer("plain", "", Map.of());

    assertThat(all(Optional.empty(), 10))
        .containsExactly(referrer.withArtifact(Optional.of(MediaTypes.OCI_EMPTY), Map.of()));
  }

  @Test
  void indexIsAReferrerToo() throws IOException {
    Descriptor index = fixture.put("app", ManifestJson.index().with("subject", subject).bytes());

    assertThat(all(Optional.empty(), 10)).containsExactly(index);
  }

  @Test
  void filterTakesOneArtifactType() throws IOException {
    refer("a", "application/x.signature", Map.of());
    Descriptor sbom = refer("b", "application/x.sbom", Map.of());

    assertThat(all(Optional.of("application/x.sbom"), 10))
        .extracting(Descriptor::digest)
        .containsExactly(sbom.digest());
    assertThat(all(Optional.of("application/x"), 10)).isEmpty();
  }

  @Test
  void pagesTogetherHoldEveryReferrerOnce() throws IOException {
    var digests = new HashSet<Digest>();
    for (int i = 0; i < 30; i++) {
      digests.add(refer("r" + i, i % 2 == 0 ? "application/x.a" : "", Map.of()).digest());
    }

    for (int size : new int[] {1, 7, 8, 9, 30, 31}) {
      assertThat(all(Optional.empty(), size))
          .extracting(Descriptor::digest)
          .doesNotHaveDuplicates()
          .containsExactlyInAnyOrderElementsOf(digests);
    }
    assertThat(all(Optional.of("application/x.a"), 4)).hasSize(15);
  }

  @Test
  void pagesOfLargeAnnotationsAreShort() throws IOException {
    String half = "x".repeat(1 << 19);
    for (int i = 0; i < 6; i++) {
      refer("r" + i, "", Map.of("a", half, "b", half));
    }

    assertThat(images.referrers("app", subject.digest(), Optional.empty(), "", 100).items())
        .hasSize(2);
    assertThat(all(Optional.empty(), 100)).hasSize(6);
  }

  @Test
  void unknownSubjectAndOtherRepositoriesHaveNone() throws IOException {
    refer("a", "", Map.of());
    Digest other = ImageFixture.absentLayer("other").digest();

    assertThat(images.referrers("app", other, Optional.empty(), "", 10).items()).isEmpty();
    assertThat(images.referrers("app-b", subject.digest(), Optional.empty(), "", 10).items())
        .isEmpty();
  }

  @Test
  void deletedReferrerIsGone() throws IOException {
    Descriptor kept = refer("a", "", Map.of());
    images.deleteManifest("app", refer("b", "", Map.of()).digest());

    assertThat(all(Optional.empty(), 10))
        .extracting(Descriptor::digest)
        .containsExactly(kept.digest());
  }

  @Test
  void lastMustBeADigest() {
    assertThatThrownBy(() -> images.referrers("app", subject.digest(), Optional.empty(), "x", 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("digest");
  }
}

package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.image.ManifestJson;
import dev.layercache.server.retention.RepositoryRule.Keep;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes when room is needed, and what stays. */
class EvictionTest {
  private static final int KIB = 1 << 10;
  private static final RepositoryRule CACHE = RepositoryRule.of("cache/**", Keep.EVICTABLE);

  @TempDir private Path directory;

  private RetentionFixture open(long limit) throws IOException {
    return new RetentionFixture(directory.resolve("data"), limit, List.of(CACHE));
  }

  @Test
  void theBlobThatWasUnusedForLongestGoesFirst() throws IOException {
    try (var f = open(1_000 * KIB)) {
      var first = f.blob("first", 300 * KIB);
      f.hours(2);
      var second = f.blob("second", 300 * KIB);
      f.hours(2);
      f.blobs.open(first.digest(), ByteRange.ALL).orElseThrow().close();
      f.hours(2);
      var third = f.blob("third", 350 * KIB);
      f.evict();
      assertThat(f.blobs.findMissing(digests(first, second, third)))
          .containsExactly(second.digest());
      assertThat(f.retention.history().of(second.digest()))
          .get()
          .satisfies(
              gone -> {
                assertThat(gone.bytes()).isEqualTo(300 * KIB);
                assertThat(gone.reason()).contains("no image names it");
              });
    }
  }

  @Test
  void aUseSurvivesARestart() throws IOException {
    try (var f = open(1_000 * KIB)) {
      var first = f.blob("first", 300 * KIB);
      f.hours(2);
      var second = f.blob("second", 300 * KIB);
      f.hours(2);
      f.blobs.findMissing(digests(first));
      f.restart();
      f.hours(2);
      f.blob("third", 350 * KIB);
      f.evict();
      assertThat(f.blobs.findMissing(digests(first, second))).containsExactly(second.digest());
    }
  }

  @Test
  void whatAClientWasToldToBeThereStaysForTheGrace() throws IOException {
    try (var f = open(500 * KIB)) {
      var old = f.blob("old", 300 * KIB);
      f.hours(5);
      assertThat(f.blobs.findMissing(digests(old))).isEmpty();
      f.blob("new", 300 * KIB);
      f.evict();
      assertThat(f.blobs.findMissing(digests(old))).isEmpty();
      assertThat(f.budget.exhausted).get().asString().contains("used a moment ago");
      f.hours(1);
      f.evict();
      assertThat(f.blobs.findMissing(digests(old))).containsExactly(old.digest());
    }
  }

  @Test
  void anImageGoesWholeAndASharedLayerStays() throws IOException {
    try (var f = open(1_000 * KIB)) {
      var shared = f.blob("shared", 200 * KIB);
      var own = f.blob("own", 300 * KIB);
      f.put("cache/app", f.manifest("one", shared, own), "one");
      f.hours(2);
      f.put("cache/app", f.manifest("two", shared, f.blob("other", 200 * KIB)), "two");
      f.hours(2);
      f.blob("pressure", 300 * KIB);
      f.evict();
      assertThat(f.isThere("cache/app", "one")).isFalse();
      assertThat(f.isThere("cache/app", "two")).isTrue();
      assertThat(f.blobs.findMissing(digests(shared, own))).containsExactly(own.digest());
      assertThat(f.broken()).isEmpty();
    }
  }

  @Test
  void theLastUseOfAnImageIsThatOfItsTag() throws IOException {
    try (var f = open(1_000 * KIB)) {
      f.push("cache/app", "old-but-used", 300 * KIB);
      f.hours(2);
      f.push("cache/app", "newer", 300 * KIB);
      f.hours(2);
      assertThat(f.isThere("cache/app", "old-but-used")).isTrue();
      f.hours(2);
      f.blob("pressure", 350 * KIB);
      f.evict();
      assertThat(f.isThere("cache/app", "old-but-used")).isTrue();
      assertThat(f.isThere("cache/app", "newer")).isFalse();
      assertThat(f.broken()).isEmpty();
    }
  }

  @Test
  void pushedImagesStayWhileTaggedAndTheRefusalSaysSo() throws IOException {
    try (var f = open(600 * KIB)) {
      f.push("team/app", "v1", 300 * KIB);
      f.hours(2);
      f.push("team/app", "v2", 300 * KIB);
      f.hours(2);
      f.evict();
      assertThat(f.isThere("team/app", "v1")).isTrue();
      assertThat(f.budget.exhausted).get().asString().contains("2 tagged images");
      f.hours(2);
      f.images.deleteTag("team/app", "v1");
      f.evict();
      assertThat(f.isThere("team/app", "v2")).isTrue();
      assertThat(f.blobs.usage().bytes()).isLessThan(400 * KIB);
      assertThat(f.broken()).isEmpty();
    }
  }

  @Test
  void anIndexGoesWithItsManifestsAndTheirReferrers() throws IOException {
    try (var f = open(1_000 * KIB)) {
      var amd = f.put("cache/app", f.manifest("amd", f.blob("amd layer", 150 * KIB)));
      var arm = f.put("cache/app", f.manifest("arm", f.blob("arm layer", 150 * KIB)));
      f.put("cache/app", ManifestJson.index(amd, arm).bytes(), "multi");
      var signature =
          f.put(
              "cache/app",
              ManifestJson.manifest(
                      f.store(
                          MediaTypes.OCI_CONFIG,
                          "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                      f.blob("signature", 100 * KIB))
                  .with("subject", arm)
                  .bytes());
      f.hours(2);
      f.push("cache/app", "newer", 300 * KIB);
      f.hours(2);
      f.blob("pressure", 300 * KIB);
      f.evict();
      for (var gone : List.of(amd, arm, signature)) {
        assertThat(f.isThere("cache/app", gone.digest().toString())).isFalse();
        assertThat(f.blobs.findMissing(digests(gone))).hasSize(1);
      }
      assertThat(f.isThere("cache/app", "newer")).isTrue();
      assertThat(f.broken()).isEmpty();
      assertThat(f.retention.history().of("cache/app", "multi")).isPresent();
    }
  }

  @Test
  void theUseOfOnePlatformKeepsTheWholeIndex() throws IOException {
    try (var f = open(1_000 * KIB)) {
      var amd = f.put("cache/app", f.manifest("amd", f.blob("amd layer", 150 * KIB)));
      var arm = f.put("cache/app", f.manifest("arm", f.blob("arm layer", 150 * KIB)));
      f.put("cache/app", ManifestJson.index(amd, arm).bytes(), "multi");
      f.hours(2);
      f.push("cache/app", "newer", 300 * KIB);
      f.hours(2);
      assertThat(f.isThere("cache/app", arm.digest().toString())).isTrue();
      f.hours(2);
      f.blob("pressure", 350 * KIB);
      f.evict();
      assertThat(f.isThere("cache/app", "multi")).isTrue();
      assertThat(f.isThere("cache/app", "newer")).isFalse();
      assertThat(f.broken()).isEmpty();
    }
  }

  @Test
  void copiesAreEvictableUnlessARuleSaysOtherwise() throws IOException {
    try (var f = open(800 * KIB)) {
      f.push("docker.io/library/debian", "12", 300 * KIB);
      f.push("team/app", "v1", 300 * KIB);
      f.hours(2);
      f.blob("pressure", 200 * KIB);
      f.evict();
      assertThat(f.isThere("docker.io/library/debian", "12")).isFalse();
      assertThat(f.isThere("team/app", "v1")).isTrue();
    }
  }

  private static List<Digest> digests(Descriptor... blobs) {
    return java.util.Arrays.stream(blobs).map(Descriptor::digest).toList();
  }
}

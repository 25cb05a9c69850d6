package dev.layercache.server.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.blob.ManualClock;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import dev.layercache.server.fill.FillLimits;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.image.Images;
import dev.layercache.server.metadata.MemoryMetadataStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tags, digests and copies, against an origin on the heap and a clock that is set. */
class MirrorTest {
  private static final String COPY = TestOrigins.COPY;
  private final ManualClock clock = new ManualClock();
  private final MemoryBlobStore blobs = new MemoryBlobStore(1 << 20, clock);
  private final MemoryMetadataStore metadata = new MemoryMetadataStore();
  private final TestOrigins origins = new TestOrigins();
  private final Fills fills = new Fills(blobs, FillLimits.DEFAULT, clock);
  private final Images images = new Images(blobs, metadata, clock, origins);
  private Mirror mirror = new Mirror(blobs, images, origins, fills, metadata, clock);

  @AfterEach
  void close() {
    fills.close();
    blobs.close();
  }

  private Digest digestOf(String reference) throws IOException {
    return mirror.resolve(COPY, reference).orElseThrow().value().descriptor().digest();
  }

  private void fill(Digest blob) throws IOException {
    try (var reader = mirror.open(COPY, blob, ByteRange.ALL).orElseThrow()) {
      var bytes = ByteBuffer.allocate((int) reader.remaining());
      while (bytes.hasRemaining() && reader.read(bytes) >= 0) {}
      assertThat(Digest.of(bytes.flip())).isEqualTo(blob);
    }
  }

  @Test
  void aManifestIsServedBeforeItsBlobsAreHere() throws IOException {
    var image = origins.image("v1", "one");
    var found = mirror.get(COPY, "v1").orElseThrow();
    assertThat(Digest.of(found.value().bytes())).isEqualTo(image.manifest());
    assertThat(found.stale()).isEmpty();
    assertThat(blobs.stat(image.layer())).isEmpty();
    fill(image.layer());
    assertThat(blobs.stat(image.layer())).isPresent();
  }

  @Test
  void aTagIsAskedForOnceInItsTimeToLive() throws IOException {
    var image = origins.image("v1", "one");
    for (int i = 0; i < 5; i++) {
      assertThat(digestOf("v1")).isEqualTo(image.manifest());
    }
    assertThat(origins.asked()).containsExactly("GET v1");
    clock.advance(TestOrigins.TIME_TO_LIVE);
    assertThat(digestOf("v1")).isEqualTo(image.manifest());
    assertThat(digestOf("v1")).isEqualTo(image.manifest());
    assertThat(origins.asked()).containsExactly("GET v1", "HEAD v1");
  }

  @Test
  void theTimeToLiveSurvivesARestart() throws IOException {
    origins.image("v1", "one");
    digestOf("v1");
    mirror = new Mirror(blobs, images, origins, fills, metadata, clock);
    clock.advance(TestOrigins.TIME_TO_LIVE.minusMillis(1));
    digestOf("v1");
    assertThat(origins.asked()).containsExactly("GET v1");
  }

  @Test
  void aDigestIsNeverAskedForAgain() throws IOException {
    var image = origins.image("v1", "one");
    digestOf(image.manifest().toString());
    clock.advance(Duration.ofDays(365));
    digestOf(image.manifest().toString());
    assertThat(origins.asked()).containsExactly("GET " + image.manifest());
  }

  @Test
  void aTagThatMovedIsFollowed() throws IOException {
    origins.image("v1", "one");
    digestOf("v1");
    var moved = origins.image("v1", "two");
    clock.advance(TestOrigins.TIME_TO_LIVE);
    assertThat(digestOf("v1")).isEqualTo(moved.manifest());
    assertThat(origins.asked()).containsExactly("GET v1", "HEAD v1", "GET " + moved.manifest());
  }

  @Test
  void aTagThatIsGoneIsForgotten() throws IOException {
    var image = origins.image("v1", "one");
    digestOf("v1");
    origins.remove("v1");
    clock.advance(TestOrigins.TIME_TO_LIVE);
    assertThat(mirror.resolve(COPY, "v1")).isEmpty();
    assertThat(images.resolve(COPY, "v1")).isEmpty();
    assertThat(digestOf(image.manifest().toString())).isEqualTo(image.manifest());
  }

  @Test
  void aTagIsServedAsItWasWhileTheOriginIsAway() throws IOException {
    var image = origins.image("v1", "one");
    digestOf("v1");
    fill(image.config());
    fill(image.layer());
    origins.goAway();
    var age = TestOrigins.TIME_TO_LIVE.plusSeconds(7);
    clock.advance(age);
    var found = mirror.resolve(COPY, "v1").orElseThrow();
    assertThat(found.value().descriptor().digest()).isEqualTo(image.manifest());
    assertThat(found.stale().orElseThrow().age()).isEqualTo(age);
    assertThat(found.stale().orElseThrow().reason()).contains("away");
    origins.comeBack();
    assertThat(mirror.resolve(COPY, "v1").orElseThrow().stale()).isEmpty();
  }

  @Test
  void aTagIsServedAsItWasWhileTheOriginDeniesIt() throws IOException {
    var image = origins.image("v1", "one");
    digestOf("v1");
    origins.deny();
    clock.advance(TestOrigins.TIME_TO_LIVE);
    assertThat(mirror.resolve(COPY, "v1").orElseThrow().stale()).isPresent();
    assertThatThrownBy(() -> mirror.resolve(COPY, "v2")).isInstanceOf(OriginDeniedException.class);
    assertThat(images.resolve(COPY, "v1").orElseThrow().descriptor().digest())
        .isEqualTo(image.manifest());
  }

  @Test
  void aManifestWhoseBlobsCannotBeHadIsNotServed() throws IOException {
    var image = origins.image("v1", "one");
    digestOf("v1");
    fill(image.config());
    origins.goAway();
    assertThatThrownBy(() -> mirror.resolve(COPY, "v1"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("away");
    assertThatThrownBy(() -> mirror.resolve(COPY, image.manifest().toString()))
        .isInstanceOf(UnavailableException.class);
    origins.comeBack();
    fill(image.layer());
    origins.goAway();
    assertThat(digestOf("v1")).isEqualTo(image.manifest());
  }

  @Test
  void anIndexIsServedWhenOneOfItsManifestsIsWhole() throws IOException {
    var mine = origins.image("amd64", "one");
    var other = origins.image("arm64", "two");
    var index = origins.index("all", mine, other);
    assertThat(digestOf("all")).isEqualTo(index);
    digestOf(mine.manifest().toString());
    origins.goAway();
    assertThatThrownBy(() -> mirror.resolve(COPY, "all")).isInstanceOf(UnavailableException.class);
    origins.comeBack();
    fill(mine.config());
    fill(mine.layer());
    origins.goAway();
    assertThat(digestOf("all")).isEqualTo(index);
    assertThat(digestOf(mine.manifest().toString())).isEqualTo(mine.manifest());
    assertThatThrownBy(() -> mirror.resolve(COPY, other.manifest().toString()))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void everybodyWhoAsksAtOnceWaitsForOneRequest() throws Exception {
    var image = origins.image("v1", "one");
    var started = new CountDownLatch(20);
    origins.holdUntil(started);
    Concurrently.run(
        20,
        number -> {
          started.countDown();
          assertThat(digestOf("v1")).isEqualTo(image.manifest());
        });
    assertThat(origins.asked()).containsExactly("GET v1");
  }

  @Test
  void aCopyTakesNoPushes() {
    byte[] manifest = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(
            () -> images.put(COPY, Optional.empty(), List.of("v1"), manifest, MediaTypes.OCI_INDEX))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is a copy and takes no pushes");
  }

  @Test
  void otherRepositoriesNeverReachTheOrigin() throws IOException {
    assertThat(mirror.resolve("team/app", "v1")).isEmpty();
    assertThat(mirror.open("team/app", Digest.of(new byte[] {1}), ByteRange.ALL)).isEmpty();
    assertThat(origins.asked()).isEmpty();
  }
}

package dev.layercache.server.prefetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.blob.ManualClock;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import dev.layercache.server.fill.FillLimits;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.image.Images;
import dev.layercache.server.metadata.MemoryMetadataStore;
import dev.layercache.server.mirror.Mirror;
import dev.layercache.server.mirror.TestOrigins;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrefetcherTest {
  private final ManualClock clock = new ManualClock();
  private final MemoryBlobStore blobs = new MemoryBlobStore(1 << 20, clock);
  private final MemoryMetadataStore metadata = new MemoryMetadataStore();
  private final TestOrigins origins = new TestOrigins();
  private final Fills fills = new Fills(blobs, FillLimits.DEFAULT, clock);
  private final Images images = new Images(blobs, metadata, clock, origins);
  private final Mirror mirror = new Mirror(blobs, images, origins, fills, metadata, clock);
  private final List<String> pinned = new ArrayList<>();
  private final Prefetcher prefetcher =
      new Prefetcher(
          mirror,
          origins,
          blobs,
          fills,
          (repository, reference, length) ->
              pinned.add(repository + ":" + reference + " " + length.toDays()));

  @AfterEach
  void close() {
    fills.close();
    blobs.close();
  }

  private PrefetchProgress run(boolean plan, Optional<Duration> pin, String... tags)
      throws IOException {
    var names =
        Stream.of(tags).map(tag -> ImageReference.parse(TestOrigins.COPY + ":" + tag)).toList();
    var told = new ArrayList<PrefetchProgress>();
    var done =
        prefetcher.run(new PrefetchOrder(names, List.of(), pin, plan), told::add, () -> false);
    assertThat(told.getLast()).isEqualTo(done);
    return done;
  }

  private PrefetchProgress run(String... tags) throws IOException {
    return run(false, Optional.empty(), tags);
  }

  private boolean isStored(Digest digest) throws IOException {
    return blobs.stat(digest).isPresent();
  }

  @Test
  void anImageIsStoredWhole() throws IOException {
    var image = origins.image("v1", "one");
    var done = run("v1");
    assertThat(isStored(image.layer())).isTrue();
    assertThat(isStored(image.config())).isTrue();
    assertThat(done.blobs()).isEqualTo(2);
    assertThat(done.blobsStored()).isEqualTo(2);
    assertThat(done.bytesStored()).isZero();
    assertThat(done.bytesFetched()).isEqualTo(done.bytes()).isPositive();
    assertThat(done.resolved().getFirst().manifest()).contains(image.manifest());
    assertThat(done.resolved().getFirst().failure()).isEmpty();
    origins.goAway();
    assertThat(mirror.get(TestOrigins.COPY, "v1")).isPresent();
  }

  @Test
  void whatIsStoredIsNotFetchedAgain() throws IOException {
    origins.image("v1", "one");
    run("v1");
    var again = run("v1");
    assertThat(again.bytesFetched()).isZero();
    assertThat(again.bytesStored()).isEqualTo(again.bytes());
    assertThat(fills.statistics().getFirst().fillsStarted()).isEqualTo(2);
  }

  @Test
  void aPlanFetchesManifestsOnly() throws IOException {
    var image = origins.image("v1", "one");
    var plan = run(true, Optional.empty(), "v1");
    assertThat(plan.bytes()).isPositive();
    assertThat(plan.bytesFetched()).isZero();
    assertThat(isStored(image.manifest())).isTrue();
    assertThat(isStored(image.layer())).isFalse();
  }

  @Test
  void anIndexIsStoredWithAllItsImages() throws IOException {
    var one = origins.image("amd64", "one");
    var two = origins.image("arm64", "two");
    origins.index("all", one, two);
    assertThat(run("all").blobs()).isEqualTo(4);
    assertThat(isStored(one.layer())).isTrue();
    assertThat(isStored(two.layer())).isTrue();
  }

  @Test
  void anImageThatIsNotThereDoesNotKeepTheOthersFromBeingStored() throws IOException {
    var image = origins.image("v1", "one");
    var done = run("none", "v1");
    assertThat(done.resolved().get(0).failure()).isPresent();
    assertThat(done.resolved().get(1).failure()).isEmpty();
    assertThat(isStored(image.layer())).isTrue();
  }

  @Test
  void anOriginThatIsAwayIsSaid() throws IOException {
    origins.image("v1", "one");
    origins.goAway();
    assertThat(run("v1").resolved().getFirst().failure())
        .hasValueSatisfying(why -> assertThat(why).contains("away"));
  }

  @Test
  void imagesThatAreStoredArePinned() throws IOException {
    origins.image("v1", "one");
    run(false, Optional.of(Duration.ofDays(7)), "v1", "none");
    assertThat(pinned).containsExactly(TestOrigins.COPY + ":v1 7");
  }

  @Test
  void aServerThatCannotPinSaysSo() {
    var without = new Prefetcher(mirror, origins, blobs, fills, ImagePins.NONE);
    var order =
        new PrefetchOrder(
            List.of(ImageReference.parse(TestOrigins.COPY)),
            List.of(),
            Optional.of(Duration.ofDays(1)),
            false);
    assertThatThrownBy(() -> without.run(order, progress -> {}, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot pin");
  }

  @Test
  void aCancelledOrderEnds() throws IOException {
    origins.image("v1", "one");
    var order =
        new PrefetchOrder(
            List.of(ImageReference.parse(TestOrigins.COPY + ":v1")),
            List.of(),
            Optional.empty(),
            false);
    assertThat(prefetcher.run(order, progress -> {}, () -> true).resolved()).isEmpty();
  }

  @Test
  void configuredImagesAreKeptWarm() throws Exception {
    var image = origins.image("v1", "one");
    var order =
        new PrefetchOrder(
            List.of(ImageReference.parse(TestOrigins.COPY + ":v1")),
            List.of(),
            Optional.empty(),
            false);
    try (var warm =
        new WarmImages(prefetcher, order, Duration.ofMillis(50), 1000, Clock.systemUTC())) {
      await(image.layer());
      var moved = origins.image("v1", "two");
      clock.advance(TestOrigins.TIME_TO_LIVE);
      await(moved.layer());
      assertThat(warm).isNotNull();
    }
  }

  private void await(Digest blob) throws Exception {
    for (int i = 0; i < 600 && !isStored(blob); i++) {
      Thread.sleep(50);
    }
    assertThat(isStored(blob)).isTrue();
  }

  @Test
  void aBudgetIsKept() {
    var budget = new RequestBudget(60, clock);
    for (int i = 0; i < 60; i++) {
      assertThat(budget.take()).isZero();
    }
    assertThat(budget.take()).isEqualTo(Duration.ofMinutes(1));
    clock.advance(Duration.ofMinutes(1));
    assertThat(budget.take()).isZero();
    assertThat(budget.take()).isPositive();
    clock.advance(Duration.ofDays(1));
    for (int i = 0; i < 60; i++) {
      assertThat(budget.take()).isZero();
    }
    assertThat(budget.take()).isPositive();
  }
}

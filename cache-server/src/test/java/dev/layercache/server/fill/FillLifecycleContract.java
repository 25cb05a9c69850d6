package dev.layercache.server.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** How long fills go on, how many run at once, and what a restart leaves of them. */
interface FillLifecycleContract extends FillsUnderTest {
  /** Short pauses; waits longer than any test takes. */
  FillLimits LIMITS = limits(8, 8, 100);

  static FillLimits limits(int fills, int ofGroup, int queued) {
    var patient = Duration.ofSeconds(30);
    return new FillLimits(
        fills,
        ofGroup,
        queued,
        patient,
        patient,
        patient,
        Duration.ofSeconds(10),
        Duration.ofMillis(2));
  }

  @Test
  default void aReaderThatGoesAwayDoesNotEndTheFillWithinTheGrace() throws Exception {
    var blob = SampleBlob.of(20, 3 * MIB);
    origin().with(blob).gated().allow(1024);
    fills().open(blob.digest(), ByteRange.ALL, origin()).orElseThrow().close();
    clock().advance(Duration.ofSeconds(9));
    origin().allowAll();
    awaitStored(blob);
    assertThat(origin().opens()).containsExactly(0L);
  }

  @Test
  default void aFillThatNobodyWantsStopsAfterTheGraceAndKeepsItsBytes() throws Exception {
    var blob = SampleBlob.of(21, 4 * MIB);
    origin().with(blob).gated().allow(2048);
    try (var reader = fills().open(blob.digest(), ByteRange.ALL, origin()).orElseThrow()) {
      reader.read(ByteBuffer.allocate(MIB));
    }
    clock().advance(Duration.ofSeconds(10));
    origin().allow(512);
    awaitNoFill();
    assertThat(store().stat(blob.digest())).isEmpty();
    origin().allowAll();
    assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
    assertThat(origin().bytes()).as("nothing was sent twice").isEqualTo(blob.size());
  }

  @Test
  default void aPrefetchGoesOnWithoutReaders() throws Exception {
    var blob = SampleBlob.of(22, 2 * MIB);
    origin().with(blob).gated().allow(512);
    try (var prefetch = fills().prefetch(blob.digest(), origin())) {
      clock().advance(Duration.ofDays(1));
      origin().allowAll();
      assertThat(prefetch.await()).isPresent();
      assertThat(prefetch.isDone()).isTrue();
      assertThat(prefetch.position()).isEqualTo(blob.size());
      assertThat(prefetch.size()).isEqualTo(blob.size());
    }
    assertThat(store().stat(blob.digest())).isPresent();
  }

  @Test
  default void stoppingEndsFillsThatWaitForTheirOrigin() throws Exception {
    var blob = SampleBlob.of(23, 2 * MIB);
    origin().with(blob).gated().allow(1024);
    try (var reader = fills().open(blob.digest(), ByteRange.ALL, origin()).orElseThrow()) {
      reader.read(ByteBuffer.allocate(MIB / 2));
      fills().close();
      assertThatThrownBy(() -> drain(reader, 100_000)).isInstanceOf(UnavailableException.class);
    }
    assertThatThrownBy(() -> fills().open(blob.digest(), ByteRange.ALL, origin()))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  default void aRestartGoesOnBehindTheBytesThatItFinds() throws Exception {
    var blob = SampleBlob.of(24, 6 * MIB);
    origin().with(blob).gated().allow(4096);
    try (var reader = fills().open(blob.digest(), ByteRange.ALL, origin()).orElseThrow()) {
      reader.read(ByteBuffer.allocate(3 * MIB));
    }
    restart();
    long kept = store().uploads(10).stream().mapToLong(UploadInfo::position).sum();
    origin().allowAll();
    long before = origin().bytes();
    assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
    assertThat(origin().bytes() - before).isEqualTo(blob.size() - kept);
    assertThat(origin().opens()).containsExactly(0L, kept);
  }

  @Test
  default void noMoreFillsRunAtOnceThanTheLimitsSay() throws Exception {
    origin().gated();
    try (var bounded = fillsWithin(limits(2, 2, 100))) {
      Concurrently.run(
          6,
          number -> {
            var blob = SampleBlob.of(100 + number, MIB);
            try (var prefetch = bounded.prefetch(blob.digest(), origin().with(blob))) {
              if (number == 0) {
                awaitOpens(2);
                assertThat(origin().opens()).hasSize(2);
                origin().allowAll();
              }
              assertThat(prefetch.await()).isPresent();
            }
          });
      assertThat(origin().mostAtOnce()).isEqualTo(2);
    }
  }

  @Test
  default void aGroupThatHangsLeavesRoomForOthers() throws Exception {
    var other = new TestOrigin("other.test/base");
    origin().gated();
    try (var bounded = fillsWithin(limits(3, 2, 100))) {
      var hanging = new ArrayList<Prefetch>();
      for (int i = 0; i < 5; i++) {
        var blob = SampleBlob.of(200 + i, MIB);
        hanging.add(bounded.prefetch(blob.digest(), origin().with(blob)));
      }
      var blob = SampleBlob.of(210, MIB);
      try (var prefetch = bounded.prefetch(blob.digest(), other.with(blob))) {
        assertThat(prefetch.await()).isPresent();
      }
      hanging.forEach(Prefetch::close);
    }
  }

  @Test
  default void fillsBeyondTheQueueAreRefused() throws IOException {
    origin().gated();
    try (var bounded = fillsWithin(limits(1, 1, 1))) {
      for (int i = 0; i < 2; i++) {
        var blob = SampleBlob.of(300 + i, 10);
        bounded.prefetch(blob.digest(), origin().with(blob)).close();
      }
      var refused = SampleBlob.of(310, 10).digest();
      assertThatThrownBy(() -> bounded.prefetch(refused, origin()))
          .isInstanceOfSatisfying(
              UnavailableException.class, e -> assertThat(e.retryAfter()).isPresent());
    }
  }

  private void awaitOpens(int count) throws InterruptedException {
    for (int i = 0; i < 3_000 && origin().opens().size() < count; i++) {
      Thread.sleep(5);
    }
  }

  private void awaitNoFill() throws InterruptedException {
    for (int i = 0; i < 3_000 && running() > 0; i++) {
      Thread.sleep(5);
    }
    assertThat(running()).isZero();
  }

  private long running() {
    return fills().statistics().stream().mapToLong(FillStatistics::fillsRunning).sum();
  }
}

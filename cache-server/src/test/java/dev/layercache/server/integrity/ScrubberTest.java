package dev.layercache.server.integrity;

import static dev.layercache.server.faults.StoredFiles.bytes;
import static dev.layercache.server.faults.StoredFiles.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.faults.StoredFiles;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScrubberTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path data;

  @Test
  void aRoundFindsWhatIsDamagedAndEnds() throws Exception {
    try (var store = open()) {
      put(store.blobs(), bytes(1, 2 * MIB));
      put(store.blobs(), bytes(2, 100));
    }
    StoredFiles.flip(new StoredFiles(data).ending(".sst").getFirst(), MIB, 0);
    try (var store = open();
        var scrubber = start(store, 1L << 40)) {
      var state = await(scrubber, ScrubState::ended);
      assertThat(state.round()).isEqualTo(1);
      assertThat(state.blobs()).isEqualTo(2);
      assertThat(state.damaged()).isEqualTo(1);
      assertThat(store.inventory().quarantinedEver()).isEqualTo(1);
    }
  }

  @Test
  void theEndOfARoundSurvivesARestart() throws Exception {
    ScrubState before;
    try (var store = open()) {
      put(store.blobs(), bytes(1, 1_000));
      try (var scrubber = start(store, 1L << 40)) {
        before = await(scrubber, ScrubState::ended);
      }
    }
    try (var store = open();
        var scrubber = start(store, 1L << 40)) {
      assertThat(scrubber.state().last()).isEqualTo(before.last());
      assertThat(scrubber.state().round()).isEqualTo(1);
    }
  }

  @Test
  void aRateOfNoneScrubsNothing() throws Exception {
    try (var store = open();
        var scrubber = start(store, 0)) {
      put(store.blobs(), bytes(1, 1_000));
      assertThat(scrubber.state()).isEqualTo(ScrubState.NONE);
    }
  }

  @Test
  void closingEndsAWaitForTheRate() throws Exception {
    try (var store = open()) {
      put(store.blobs(), bytes(1, 10 * MIB));
      start(store, 1).close();
      assertThat(store.inventory().quarantinedEver()).isZero();
    }
  }

  private static Scrubber start(RocksStore store, long bytesPerSecond) throws IOException {
    return Scrubber.start(store.inventory(), store.metadata(), Clock.systemUTC(), bytesPerSecond);
  }

  private static ScrubState await(Scrubber scrubber, Predicate<ScrubState> condition)
      throws InterruptedException {
    while (scrubber.state().round() == 0 || !condition.test(scrubber.state())) {
      Thread.sleep(Duration.ofMillis(10));
    }
    return scrubber.state();
  }

  private RocksStore open() throws IOException {
    var options = StoreOptions.DEFAULTS.toBuilder().presenceEntries(1024).build();
    return RocksStore.open(data, options, Clock.systemUTC());
  }
}

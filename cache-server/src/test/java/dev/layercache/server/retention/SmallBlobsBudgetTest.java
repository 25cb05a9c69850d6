package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.faults.DiskWatch;
import dev.layercache.server.faults.StoredFiles;
import dev.layercache.server.image.Images;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small blobs alone, pushed without a pause for many times the budget. Their bytes lie in files
 * together, so eviction frees room only after the database has rewritten files; blobs that are
 * leased lie between those that go. No push waits in vain for room that the database does not free:
 * one is refused only while everything was used within the last seconds, and the next attempt
 * succeeds. What is on disk never passes the budget, and what is leased stays. {@code
 * -Dlayercache.smallBlobs.budgetMiB=N} and {@code .times=N} make it larger, {@code
 * -Dlayercache.seed=N} replays a run.
 */
class SmallBlobsBudgetTest {
  private static final int PUSHERS = 4;
  private static final int LEAST = 4 << 10;
  private static final int MOST = 64 << 10;

  /** One blob in so many is leased, until leased ones take an eighth of the budget. */
  private static final int LEASED = 20;

  /** The store knows uses to the second, so this is enough for a blob to become evictable. */
  private static final int MAX_ATTEMPTS = 600;

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final long budget = Long.getLong("layercache.smallBlobs.budgetMiB", 80) << 20;
  private final long times = Long.getLong("layercache.smallBlobs.times", 3);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final AtomicLong pushedBytes = new AtomicLong();
  private final AtomicLong pushedBlobs = new AtomicLong();
  private final AtomicLong leasedBytes = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final Map<Digest, Boolean> leased = new ConcurrentHashMap<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  @TempDir private Path directory;

  @Test
  @Timeout(1_800)
  void pushesGoOnAndTheBudgetIsKept() throws Exception {
    Path data = directory.resolve("data");
    long begun = System.nanoTime();
    try (var disk = DiskWatch.of(data);
        var store = RocksStore.open(data, options(), Clock.systemUTC());
        var retention = retention(store)) {
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < PUSHERS; i++) {
        var random = new Random(seed + i);
        threads.add(Thread.ofVirtual().start(() -> push(store.blobs(), retention, random)));
      }
      for (var thread : threads) {
        thread.join();
      }
      System.out.printf(
          "seed %d: %d small blobs, %d bytes pushed in %d ms (%d attempts refused), %d evicted, %d"
              + " leased of %d bytes;"
              + " most on disk in %d looks %d bytes of %d: %s%n",
          seed,
          pushedBlobs.get(),
          pushedBytes.get(),
          (System.nanoTime() - begun) / 1_000_000,
          refused.get(),
          retention.counters().blobs(),
          leased.size(),
          leasedBytes.get(),
          disk.looks(),
          disk.most(),
          budget,
          disk.mostByKind());
      assertThat(failures).as("seed %d", seed).isEmpty();
      assertThat(disk.looks()).isPositive();
      assertThat(disk.most()).as("on disk: %s", disk.mostByKind()).isLessThanOrEqualTo(budget);
      assertThat(store.blobs().findMissing(leased.keySet())).isEmpty();
      for (var digest : leased.keySet()) {
        var bytes = StoredFiles.read(store.blobs(), digest).orElseThrow();
        assertThat(Digest.of(bytes)).isEqualTo(digest);
      }
    }
  }

  /** A writer waits as long as it takes: how fast the disk is must not decide. */
  private StoreOptions options() {
    return StoreOptions.DEFAULTS.toBuilder()
        .budgetBytes(budget)
        .roomPatience(Duration.ofMinutes(2))
        .patience(Duration.ofMinutes(2))
        .presenceEntries(1 << 14)
        .build();
  }

  private static Retention retention(RocksStore store) throws IOException {
    var options = RetentionOptions.DEFAULTS.withGrace(Duration.ZERO);
    var rules = new RetentionRules(List.of(), repository -> false);
    var images = new Images(store.blobs(), store.metadata(), Clock.systemUTC());
    return new Retention(
        store.blobs(),
        store.eviction(),
        store.budget(),
        store.metadata(),
        images,
        options,
        rules,
        Clock.systemUTC());
  }

  private void push(BlobStore blobs, Retention retention, Random random) {
    try {
      while (pushedBytes.get() < times * budget && failures.isEmpty()) {
        byte[] bytes = new byte[LEAST + random.nextInt(MOST - LEAST + 1)];
        random.nextBytes(bytes);
        var digest = put(blobs, bytes);
        pushedBlobs.incrementAndGet();
        pushedBytes.addAndGet(bytes.length);
        if (random.nextInt(LEASED) == 0 && leasedBytes.get() < budget / 8) {
          lease(retention, digest, bytes.length);
        }
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      failures.add(e);
    }
  }

  private Digest put(BlobStore blobs, byte[] bytes) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return StoredFiles.put(blobs, bytes);
      } catch (OutOfSpaceException e) {
        refused.incrementAndGet();
        if (attempt == MAX_ATTEMPTS
            || !String.valueOf(e.getMessage()).contains("used a moment ago")) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  private void lease(Retention retention, Digest digest, int size) throws IOException {
    var granted = retention.leases().lease(List.of(digest), Duration.ofHours(1));
    if (granted.missing().isEmpty()) {
      leased.put(digest, true);
      leasedBytes.addAndGet(size);
    }
  }
}

package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.Seeds;
import dev.layercache.server.image.MissingBlobsException;
import dev.layercache.server.retention.RepositoryRule.Keep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Many threads push, use, lease and hold the same few blobs while everything that may go is evicted
 * all the time, hours passing between two evictions.
 */
@Timeout(120)
class EvictionRaceTest {
  private static final int KIB = 1 << 10;
  private static final int BLOBS = 6;
  private static final int THREADS = 4;
  private static final int ROUNDS = 60;

  @TempDir private Path directory;

  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger working = new AtomicInteger(THREADS);
  private final AtomicInteger images = new AtomicInteger();

  @ParameterizedTest
  @ArgumentsSource(Seeds.class)
  void nobodyLosesWhatHeHoldsAndNoImageLosesABlob(long seed) {
    Seeds.naming(
        seed,
        () -> {
          var rules = List.of(RepositoryRule.of("**", Keep.EVICTABLE));
          try (var f = new RetentionFixture(directory.resolve("data" + seed), 20 * KIB, rules)) {
            var threads = new ArrayList<Thread>();
            for (int i = 0; i < THREADS; i++) {
              var random = new Random(seed * THREADS + i);
              threads.add(Thread.ofVirtual().start(() -> work(f, random)));
            }
            while (working.get() > 0) {
              f.clock.advance(Duration.ofHours(2));
              f.evict();
              checkWhole(f);
            }
            for (var thread : threads) {
              assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
            }
            assertThat(failures).isEmpty();
            assertThat(f.broken()).isEmpty();
            assertThat(f.retention.counters().blobs()).isPositive();
            assertThat(images.get()).isPositive();
          }
        });
  }

  /** Looked at while others push and evict: an image is whole or, when looked at again, gone. */
  private void checkWhole(RetentionFixture f) throws IOException {
    for (var node : f.images.graph().manifests(java.util.Optional.empty(), 1_000)) {
      var image = f.images.graph().image(node);
      if (image.isEmpty()) {
        continue;
      }
      for (var blob : image.get().blobs()) {
        // The evicting thread is this one: nothing goes while it looks.
        if (f.blobs.stat(blob).isEmpty()) {
          failures.add("image " + node + " lost " + blob);
        }
      }
    }
  }

  private void work(RetentionFixture f, Random random) {
    try {
      for (int round = 0; round < ROUNDS; round++) {
        switch (random.nextInt(4)) {
          case 0 -> f.blob("blob " + random.nextInt(BLOBS), 8 * KIB);
          case 1 -> holdAndRead(f, random);
          case 2 -> leaseAndRead(f, random);
          default -> pushImage(f, random);
        }
      }
    } catch (IOException | RuntimeException e) {
      failures.add(e.toString());
    } finally {
      working.decrementAndGet();
    }
  }

  private void holdAndRead(RetentionFixture f, Random random) throws IOException {
    var digest = digest(random.nextInt(BLOBS));
    try (var _ = f.store.eviction().hold()) {
      if (f.blobs.findMissing(List.of(digest)).isEmpty()) {
        pause(random);
        read(f, digest, "held");
      }
    }
  }

  private void leaseAndRead(RetentionFixture f, Random random) throws IOException {
    var digest = digest(random.nextInt(BLOBS));
    try {
      var granted = f.retention.leases().lease(List.of(digest), Duration.ofDays(1));
      if (granted.missing().isEmpty() && granted.until().isAfter(f.clock.instant())) {
        read(f, digest, "leased");
      }
    } catch (PinLimitException e) {
      // Others lease too.
    }
  }

  private void read(RetentionFixture f, dev.layercache.oci.Digest digest, String how)
      throws IOException {
    var opened = f.blobs.open(digest, ByteRange.ALL);
    if (opened.isEmpty()) {
      failures.add(how + " blob is gone: " + digest);
      return;
    }
    try (var reader = opened.get()) {
      var bytes = ByteBuffer.allocate(8 * KIB);
      while (bytes.hasRemaining() && reader.read(bytes) >= 0) {}
      if (!dev.layercache.oci.Digest.of(bytes.array()).equals(digest)) {
        failures.add(how + " blob has other bytes: " + digest);
      }
    }
  }

  private void pushImage(RetentionFixture f, Random random) throws IOException {
    Descriptor layer = f.blob("blob " + random.nextInt(BLOBS), 8 * KIB);
    pause(random);
    try {
      f.put("app/r" + random.nextInt(2), f.manifest("image " + random.nextInt(5), layer), "latest");
      images.incrementAndGet();
    } catch (MissingBlobsException e) {
      // Hours passed since it was pushed: the client starts over.
    }
  }

  private static void pause(Random random) {
    try {
      Thread.sleep(random.nextInt(4));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static dev.layercache.oci.Digest digest(int blob) {
    return dev.layercache.oci.Digest.of(RetentionFixture.bytes("blob " + blob, 8 * KIB));
  }
}

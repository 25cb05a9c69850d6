package dev.layercache.load.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.image.CopiedRepositories;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.ImmutableTags;
import dev.layercache.server.retention.Retention;
import dev.layercache.server.retention.RetentionOptions;
import dev.layercache.server.retention.RetentionRules;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Writes several times its budget into a durable store, as fast as it takes it: with nobody refused
 * and the budget kept, eviction is as fast as ingestion. Also the longest time of a look-up
 * meanwhile.
 */
public final class EvictionRate {
  private static final int WRITERS = 4;

  private final Path directory;
  private final boolean quick;

  public EvictionRate(Path directory, boolean quick) {
    this.directory = directory;
    this.quick = quick;
  }

  /** Runs it for blobs of two sizes; a line for each. */
  public List<String> run(Consumer<String> progress) throws IOException, InterruptedException {
    var lines = new ArrayList<String>();
    for (int size : new int[] {16 << 10, 2 << 20}) {
      progress.accept("evicting blobs of " + size + " bytes");
      lines.add(run(size));
    }
    return lines;
  }

  private String run(int size) throws IOException, InterruptedException {
    long budget = (quick ? 256L : 2_048L) << 20;
    var clock = Clock.systemUTC();
    var options = StoreOptions.DEFAULTS.toBuilder().budgetBytes(budget).build();
    var written = new AtomicLong();
    var failed = new AtomicLong();
    long most = 0;
    long slowest = 0;
    try (var store = RocksStore.open(directory.resolve("blobs-" + size), options, clock)) {
      var images =
          new Images(
              store.blobs(),
              store.metadata(),
              clock,
              CopiedRepositories.NONE,
              store.eviction(),
              ImmutableTags.NONE);
      try (var retention =
          new Retention(
              store.blobs(),
              store.eviction(),
              store.budget(),
              store.metadata(),
              images,
              RetentionOptions.DEFAULTS.withGrace(Duration.ofSeconds(1)),
              new RetentionRules(List.of(), repository -> false),
              clock)) {
        long begun = System.nanoTime();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < WRITERS; i++) {
          int writer = i;
          threads.add(
              Thread.ofVirtual()
                  .start(() -> write(store.blobs(), size, 4 * budget, writer, written, failed)));
        }
        var absent = Digest.of(new byte[] {1});
        while (threads.stream().anyMatch(Thread::isAlive)) {
          long asked = System.nanoTime();
          store.blobs().findMissing(List.of(absent));
          slowest = Math.max(slowest, System.nanoTime() - asked);
          most = Math.max(most, store.budget().measure().total());
          Thread.sleep(5);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        return "blobs of %,d bytes: took in %.0f MiB/s (%,.0f blobs/s) and evicted %.0f MiB/s at a budget of %,d MiB; refused %d; most on disk %,d MiB; slowest look-up %.1f ms"
            .formatted(
                size,
                written.get() / seconds / (1 << 20),
                written.get() / seconds / size,
                retention.counters().bytes() / seconds / (1 << 20),
                budget >> 20,
                failed.get(),
                most >> 20,
                slowest / 1e6);
      }
    }
  }

  private static void write(
      BlobStore blobs, int size, long total, int writer, AtomicLong written, AtomicLong failed) {
    var random = new Random(writer);
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    for (long number = 0; written.get() < total; number++) {
      ByteBuffer.wrap(bytes).putInt(writer).putLong(number);
      var digest = Digest.of(bytes);
      try (var upload = blobs.begin(UploadHint.of(digest, size))) {
        upload.write(ByteBuffer.wrap(bytes));
        upload.commit(digest);
        written.addAndGet(size);
      } catch (IOException e) {
        failed.incrementAndGet();
      }
    }
  }
}

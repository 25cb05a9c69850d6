package dev.layercache.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.faults.History.Kind;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threads put, read, delete, look for and touch the same few blobs: each blob's answers must have
 * an order that explains them all. {@code -Dlayercache.schedules=N} sets how many rounds, {@code
 * -Dlayercache.seed=N} chooses what the threads do; when they do it is up to the machine.
 */
@Timeout(900)
class SameBlobsTest {
  private static final int THREADS = 4;

  private final int rounds = Integer.getInteger("layercache.schedules", 60);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());

  @TempDir private Path directory;

  @Test
  void everyAnswerIsExplainedByOneOrder() throws Exception {
    var random = new Random(seed);
    long operations = 0;
    var options =
        StoreOptions.DEFAULTS.toBuilder().presenceEntries(256).smallBlobBytes(64 << 10).build();
    try (var store = RocksStore.open(directory, options, Clock.systemUTC());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < rounds; round++) {
        // Small ones, and one that is a file of its own.
        var blobs =
            List.of(
                new Subject(store, StoredFiles.bytes(random.nextLong(), 100)),
                new Subject(store, StoredFiles.bytes(random.nextLong(), 5_000)),
                new Subject(store, StoredFiles.bytes(random.nextLong(), 100_000)));
        var running = new ArrayList<Future<?>>();
        for (int i = 0; i < THREADS; i++) {
          var own = new Random(random.nextLong());
          running.add(
              threads.submit(
                  () -> {
                    while (blobs.stream().noneMatch(blob -> blob.history.isFull(THREADS))) {
                      blobs.get(own.nextInt(blobs.size())).doSomething(own);
                    }
                    return null;
                  }));
        }
        for (var thread : running) {
          thread.get();
        }
        for (var blob : blobs) {
          assertThat(blob.history.isLinearizable())
              .as("seed %d, round %d, %d bytes: %s", seed, round, blob.content.length, blob.history)
              .isTrue();
          operations += blob.history.size();
        }
      }
    }
    System.out.printf(
        "%d rounds on the same blobs, seed %d: %d operations, all explained%n",
        rounds, seed, operations);
  }

  /** One blob and what was done to it. */
  private static final class Subject {
    private final RocksStore store;
    private final byte[] content;
    private final Digest digest;
    private final History history = new History();

    Subject(RocksStore store, byte[] content) {
      this.store = store;
      this.content = content;
      this.digest = Digest.of(content);
    }

    void doSomething(Random random) throws Exception {
      switch (random.nextInt(5)) {
        case 0 -> history.record(Kind.PUT, this::put);
        case 1 -> history.record(Kind.DELETE, () -> store.blobs().delete(digest));
        case 2 -> history.record(Kind.LOOK, this::read);
        case 3 -> history.record(Kind.LOOK, () -> store.blobs().stat(digest).isPresent());
        default ->
            history.record(Kind.LOOK, () -> store.blobs().findMissing(List.of(digest)).isEmpty());
      }
    }

    private boolean put() throws IOException {
      StoredFiles.put(store.blobs(), content);
      return true;
    }

    private boolean read() throws IOException {
      var read = StoredFiles.read(store.blobs(), digest);
      read.ifPresent(bytes -> assertThat(bytes).isEqualTo(ByteBuffer.wrap(content)));
      return read.isPresent();
    }
  }
}

package dev.layercache.load.fill;

import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.parallel.Workers;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The child process of the restart suite. Arguments: the data directory, the seed, then steps in
 * their order:
 *
 * <ul>
 *   <li>{@code put:COUNT:SIZE:WRITERS} stores so many blobs;
 *   <li>{@code delete:COUNT:WRITERS} deletes so many of the 200,000 stored last, in random order.
 * </ul>
 *
 * <p>After each step it prints {@code STEP OPERATIONS-PER-SECOND}. Blobs above 1 KiB become files
 * of their own, so that a store of many files need not be a large one.
 */
public final class FillStore {
  private static final int LARGEST_SMALL_BLOB = 1 << 10;

  /** Digests that are remembered for a later deletion. */
  private static final int MOST_KEPT = 200_000;

  /** Blobs that a writer stores one after the other. */
  private static final int BATCH = 50;

  private final BareStore store;
  private final BlobFactory blobs;
  private List<Digest> stored = List.of();

  private FillStore(BareStore store, BlobFactory blobs) {
    this.store = store;
    this.blobs = blobs;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    try (var store = BareStore.open(Path.of(args[0]), LARGEST_SMALL_BLOB)) {
      var fill = new FillStore(store, new BlobFactory(Long.parseLong(args[1])));
      for (var step : List.of(args).subList(2, args.length)) {
        System.out.printf("%s %.1f%n", step, fill.run(step.split(":")));
      }
    }
  }

  private double run(String[] step) throws IOException, InterruptedException {
    int count = Integer.parseInt(step[1]);
    return switch (step[0]) {
      case "put" -> put(count, Integer.parseInt(step[2]), Integer.parseInt(step[3]));
      case "delete" -> delete(count, Integer.parseInt(step[2]));
      default ->
          throw new IllegalArgumentException(
              "step: %s (expected: put or delete)".formatted(step[0]));
    };
  }

  private double put(int count, int size, int writers) throws IOException, InterruptedException {
    var kept = new Digest[Math.min(count, MOST_KEPT)];
    int batches = (count + BATCH - 1) / BATCH;
    var load =
        Workers.run(
            writers,
            IntStream.range(0, batches).boxed().toList(),
            (worker, batch) -> {
              int end = Math.min(count, (batch + 1) * BATCH);
              for (int index = batch * BATCH; index < end; index++) {
                var blob = blobs.make(size);
                store.put(blob);
                if (index >= count - kept.length) {
                  kept[index - (count - kept.length)] = blob.digest();
                }
              }
              return (long) size * (end - batch * BATCH);
            });
    stored = List.of(kept);
    return count / load.seconds();
  }

  private double delete(int count, int writers) throws IOException, InterruptedException {
    var victims =
        new Random(count).ints(0, stored.size()).distinct().limit(count).mapToObj(stored::get);
    var load =
        Workers.run(
            writers,
            victims.toList(),
            (worker, digest) -> {
              if (!store.blobs().delete(digest)) {
                throw new IOException("%s was not there".formatted(digest));
              }
              return 0;
            });
    return load.operations() / load.seconds();
  }
}

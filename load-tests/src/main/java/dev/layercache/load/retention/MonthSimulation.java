package dev.layercache.load.retention;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * A simulated month of a build fleet: hit ratios of the server's policy, of plain LRU by blob, and
 * of Belady's optimum (the blob whose next use is farthest goes; sizes not weighed), and whether
 * memory stays flat.
 */
public final class MonthSimulation {
  private final long seed;
  private final long requests;

  /**
   * @param requests for blobs and manifests, about
   */
  public MonthSimulation(long seed, long requests) {
    this.seed = seed;
    this.requests = requests;
  }

  /**
   * What came out.
   *
   * @param lines for people
   * @param policyHits of the server's policy, 0 to 1
   * @param lruHits of plain LRU
   * @param optimumHits of the optimum
   * @param heapGrowth used heap at the end of the month over that when the history of evictions had
   *     reached its bound; empty if it never did, or at the end only
   */
  public record Result(
      List<String> lines,
      double policyHits,
      double lruHits,
      double optimumHits,
      OptionalDouble heapGrowth) {
    public Result {
      lines = List.copyOf(lines);
    }
  }

  /** Runs it: minutes for 50 million requests. */
  public Result run(Consumer<String> progress) throws IOException {
    progress.accept("making the month, seed " + seed);
    var month = new CiMonth(seed, requests);
    var lines = new ArrayList<String>();
    lines.add(
        "%,d pulls of %,d images, %,d blobs of %.1f TiB in all, seed %d"
            .formatted(
                month.pulls().length,
                month.images(),
                month.blobs(),
                month.bytes() / Math.pow(2, 40),
                seed));
    // What the server keeps, so that the others get as much.
    long capacity = month.bytes() / 20;
    long limit = (long) (capacity / 0.9);
    progress.accept("the policy");
    var memory = new ArrayList<Memory>();
    var policy = new PolicyRun(month, limit);
    long begun = System.nanoTime();
    var ours =
        policy.run(
            day -> {
              if (day % 5 == 0 || day == 29) {
                memory.add(new Memory(day, usedHeap(), policy.evictionsRecorded()));
                progress.accept(memory.getLast().toString());
              }
            });
    double seconds = (System.nanoTime() - begun) / 1e9;
    progress.accept("plain LRU");
    var lru = Comparison.run(month, KeyedCache.Order.LEAST_RECENTLY_USED, capacity);
    progress.accept("the optimum");
    var optimum = Comparison.run(month, KeyedCache.Order.FARTHEST_NEXT_USE, capacity);
    lines.add(line("the server's policy", ours));
    lines.add(line("plain LRU", lru));
    lines.add(line("the optimum", optimum));
    lines.add(
        "the policy took %,.0f requests/s and evicted %.1f TiB from a cache of %.2f TiB"
            .formatted(
                ours.requests() / seconds,
                policy.evictedBytes() / Math.pow(2, 40),
                capacity / Math.pow(2, 40)));
    memory.forEach(at -> lines.add(at.toString()));
    return new Result(
        lines, ours.ofRequests(), lru.ofRequests(), optimum.ofRequests(), growth(memory));
  }

  /** From when the history of evictions, which is kept on the heap here, was as long as it gets. */
  private static OptionalDouble growth(List<Memory> memory) {
    long last = memory.getLast().heapBytes();
    return memory.subList(0, memory.size() - 1).stream()
        .filter(at -> at.evictions() >= PolicyRun.REMEMBERED)
        .mapToDouble(at -> (double) last / at.heapBytes())
        .findFirst();
  }

  private record Memory(int day, long heapBytes, long evictions) {
    @Override
    public String toString() {
      return "day %d: %d MiB of heap in use, %,d evictions recorded, of which the last %,d are kept"
          .formatted(day, heapBytes >> 20, evictions, PolicyRun.REMEMBERED);
    }
  }

  private static String line(String name, HitRatio ratio) {
    return String.format(
        Locale.ROOT,
        "%s: %.2f%% of %,d requests, %.2f%% of bytes",
        name,
        100 * ratio.ofRequests(),
        ratio.requests(),
        100 * ratio.ofBytes());
  }

  private static long usedHeap() {
    // A collection has run when what only it can clear is gone.
    var canary = new WeakReference<>(new Object());
    for (int i = 0; i < 50 && canary.get() != null; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}

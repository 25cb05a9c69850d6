package dev.layercache.server.retention;

import dev.layercache.server.blob.SpaceBudget.SpaceUse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What the database's files take beyond the bytes of the blobs in them: index entries, and what was
 * deleted and not freed yet. The least of the last half minute counts: what is freed by then was
 * never overhead, or eviction would go on and on while the disk catches up. Not thread-safe.
 */
final class Overhead {
  private static final Duration WINDOW = Duration.ofSeconds(30);
  private static final long SAMPLE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Deque<Sample> samples = new ArrayDeque<>();

  private record Sample(long nanos, long bytes) {}

  long of(SpaceUse use) {
    return of(use, System.nanoTime());
  }

  long of(SpaceUse use, long now) {
    long bytes = use.files() - use.blobs();
    while (!samples.isEmpty() && now - samples.getFirst().nanos() > WINDOW.toNanos()) {
      samples.removeFirst();
    }
    if (!samples.isEmpty() && now - samples.getLast().nanos() < SAMPLE_NANOS) {
      var last = samples.removeLast();
      samples.addLast(new Sample(last.nanos(), Math.min(last.bytes(), bytes)));
    } else {
      samples.addLast(new Sample(now, bytes));
    }
    return samples.stream().mapToLong(Sample::bytes).min().orElse(bytes);
  }
}

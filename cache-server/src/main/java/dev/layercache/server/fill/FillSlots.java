package dev.layercache.server.fill;

import dev.layercache.server.blob.UnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Bounds how many fills run at once, in all and for each group of origins. Thread-safe. */
final class FillSlots {
  private final FillLimits limits;
  private final Semaphore all;

  /** Groups are configured, so there are few. */
  private final Map<String, Semaphore> groups = new ConcurrentHashMap<>();

  FillSlots(FillLimits limits) {
    this.limits = limits;
    this.all = new Semaphore(limits.maxFills(), true);
  }

  /** A turn; closing it gives it back. */
  interface Slot extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits for a turn.
   *
   * @throws UnavailableException if it did not come in time
   */
  Slot acquire(BlobOrigin origin) throws UnavailableException {
    var group =
        groups.computeIfAbsent(
            origin.group(), name -> new Semaphore(limits.maxFillsPerGroup(), true));
    long deadline = System.nanoTime() + limits.queueWait().toNanos();
    // The group first: fills of a slow group must not hold turns that others could use.
    acquire(group, deadline, limits.maxFillsPerGroup() + " from " + origin.group());
    try {
      acquire(all, deadline, limits.maxFills() + " in all");
    } catch (UnavailableException e) {
      group.release();
      throw e;
    }
    return () -> {
      all.release();
      group.release();
    };
  }

  private void acquire(Semaphore slots, long deadline, String bound) throws UnavailableException {
    try {
      if (!slots.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new UnavailableException(
            "no fill ended within %s (at once: at most %s)".formatted(limits.queueWait(), bound),
            Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting to fill", e);
    }
  }
}

package dev.layercache.load.parallel;

import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One operation after another at a fixed pace. Latencies count from the moment that an operation
 * was due: one that had to wait for a slow one before it is as late as it looks to a user.
 */
public final class PacedLoop {
  private PacedLoop() {}

  /** What is paced. */
  @FunctionalInterface
  public interface Operation {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Lasts for {@code duration} and the operation that is then under way. Those that were due and
   * never sent, because of slow ones before them, count with the time that they had waited.
   *
   * @param perSecond the pace
   */
  public static Load run(int perSecond, Duration duration, Operation operation)
      throws IOException, InterruptedException {
    var latencies = new Latencies();
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    long begin = System.nanoTime();
    long end = begin + duration.toNanos();
    long due = begin;
    long sent = 0;
    for (; due < end && System.nanoTime() < end; due += interval) {
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      operation.run();
      latencies.recordNanos(System.nanoTime() - due);
      sent++;
    }
    long now = System.nanoTime();
    for (; due < end; due += interval) {
      latencies.recordNanos(now - due);
    }
    return new Load(sent, 0, 0, Duration.ofNanos(now - begin), latencies);
  }
}

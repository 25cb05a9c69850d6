package dev.layercache.server.store;

import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.SpaceBudget;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is on disk below a limit. Between two measurements every byte that is about to be
 * written counts as added and nothing as freed, so the sum never understates. Thread-safe.
 */
final class Budget implements SpaceBudget {
  private static final Logger log = LoggerFactory.getLogger(Budget.class);

  /** From here on eviction is told: a tenth below the limit, so that few writers ever wait. */
  private static final double HIGH = 0.9;

  /**
   * What the database writes by itself, flushing and compacting, is not asked for: this much of the
   * budget is kept for it, or an eighth of a small one.
   */
  private static final long MARGIN = 512L << 20;

  /** A writer that waits looks again this often. */
  private static final Duration LOOK = Duration.ofMillis(100);

  /** Looks at the disk. */
  @FunctionalInterface
  interface Measure {
    SpaceUse measure() throws IOException;
  }

  private final long configured;
  private final Measure use;
  private final Duration patience;
  private final AtomicLong written = new AtomicLong();
  private final Runnable reclaim;
  private volatile long limit;
  private volatile long base;
  private volatile Runnable wake = () -> {};

  /** Until somebody evicts. */
  private volatile Optional<String> exhausted = Optional.of("nothing is evicted");

  /**
   * @param patience how long a writer waits for room
   * @param reclaim has the database free what was deleted; returns at once
   */
  Budget(long limit, Measure use, Duration patience, Runnable reclaim) throws IOException {
    this.reclaim = reclaim;
    this.configured = limit - Math.min(limit / 8, MARGIN);
    this.limit = configured;
    this.use = use;
    this.patience = patience;
    measure();
  }

  /**
   * Counts bytes that are about to be written, waiting for room if there is none.
   *
   * @throws OutOfSpaceException if none was made in time; they are not counted
   */
  void take(long bytes) throws OutOfSpaceException {
    while (!tryTake(bytes)) {
      waitForRoom(bytes);
    }
    if (base + written.get() > limit * HIGH) {
      wake.run();
    }
  }

  /**
   * Refuses what can never fit, or cannot now and no room is to be had; does not wait.
   *
   * @throws OutOfSpaceException if so
   */
  void require(long bytes) throws OutOfSpaceException {
    if (bytes > limit) {
      throw new OutOfSpaceException(
          "%d bytes are more than the whole budget (expected: at most %d)".formatted(bytes, limit));
    }
    if (bytes > 0 && !fits(bytes) && exhausted.isPresent()) {
      throw full(bytes);
    }
  }

  @Override
  public long limit() {
    return limit;
  }

  @Override
  public SpaceUse measure() throws IOException {
    long before = written.get();
    var measured = use.measure();
    synchronized (this) {
      base = measured.total() - before;
      limit = Math.min(configured, measured.total() + measured.free());
      notifyAll();
    }
    return measured;
  }

  @Override
  public void onPressure(Runnable call) {
    this.wake = call;
    relieved();
  }

  @Override
  public synchronized void exhausted(String why) {
    exhausted = Optional.of(why);
    notifyAll();
  }

  @Override
  public void reclaim() {
    reclaim.run();
  }

  @Override
  public void relieved() {
    exhausted = Optional.empty();
  }

  private boolean tryTake(long bytes) {
    long before = written.get();
    while (base + before + bytes <= limit) {
      if (written.compareAndSet(before, before + bytes)) {
        return true;
      }
      before = written.get();
    }
    return false;
  }

  private OutOfSpaceException full(long bytes) {
    return new OutOfSpaceException(
        "the budget is full: %d of %d bytes are taken (expected: room for %d); %s"
            .formatted(
                base + written.get(),
                limit,
                bytes,
                exhausted.orElse("none was made within " + patience.toSeconds() + " s")));
  }

  private boolean fits(long bytes) {
    return base + written.get() + bytes <= limit;
  }

  private void waitForRoom(long bytes) throws OutOfSpaceException {
    long end = System.nanoTime() + patience.toNanos();
    while (!fits(bytes)) {
      wake.run();
      remeasure();
      synchronized (this) {
        if (fits(bytes)) {
          return;
        }
        if (exhausted.isPresent() || System.nanoTime() - end >= 0) {
          throw full(bytes);
        }
        try {
          wait(LOOK.toMillis());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new OutOfSpaceException("interrupted while waiting for room", e);
        }
      }
    }
  }

  private void remeasure() {
    try {
      measure();
    } catch (IOException e) {
      log.warn("the use of the disk cannot be measured: {}", e.getMessage());
    }
  }
}

package dev.layercache.server.store;

import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.SpaceBudget;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is on disk below a limit. Between two measurements every byte that is written counts
 * as added and nothing as freed, and what somebody is about to write counts until it is written, so
 * the sum never understates. What goes into the database's log counts twice: it is flushed into
 * files while the log is still there. Thread-safe.
 */
final class Budget implements SpaceBudget {
  private static final Logger log = LoggerFactory.getLogger(Budget.class);

  /** From here on eviction is told: a tenth below the limit, so that few writers ever wait. */
  private static final double HIGH = 0.9;

  /** A writer that waits looks again this often. */
  private static final Duration LOOK = Duration.ofMillis(100);

  /** Looks at the disk. */
  @FunctionalInterface
  interface Measure {
    /**
     * @param logged bytes that went into the database's log since the start
     */
    SpaceUse measure(LongSupplier logged) throws IOException;
  }

  private final long configured;
  private final Measure use;
  private final Duration patience;

  /** Since the start, only ever more. */
  private final AtomicLong written = new AtomicLong();

  /** What is about to be written. */
  private final AtomicLong reserved = new AtomicLong();

  private final AtomicLong logged = new AtomicLong();
  private final Runnable reclaim;
  private volatile long measuredAt = System.nanoTime();
  private volatile long limit;
  private volatile long base;
  private volatile Runnable wake = () -> {};

  /** Until somebody evicts. */
  private volatile Optional<String> exhausted = Optional.of("nothing is evicted");

  /**
   * @param limit of all that is on disk; what {@link DatabaseShare} spares of it is not given out
   * @param patience how long a writer waits for room
   * @param reclaim has the database free what was deleted; returns at once
   */
  Budget(long limit, Measure use, Duration patience, Runnable reclaim) throws IOException {
    this.reclaim = reclaim;
    this.configured = limit - DatabaseShare.of(limit).spare();
    this.limit = configured;
    this.use = use;
    this.patience = patience;
    measure();
  }

  /**
   * Counts bytes that are about to be written to a file, waiting for room if there is none.
   *
   * @return counts them as written when it is closed
   * @throws OutOfSpaceException if none was made in time; they are not counted
   */
  Room take(long bytes) throws OutOfSpaceException {
    reserve(bytes);
    return () -> {
      written.addAndGet(bytes);
      reserved.addAndGet(-bytes);
    };
  }

  /**
   * The same for bytes that go through the database's log.
   *
   * @return to be closed when they were {@link #logged}
   */
  Room takeForLog(long bytes) throws OutOfSpaceException {
    reserve(2 * bytes);
    return () -> reserved.addAndGet(-2 * bytes);
  }

  /** Bytes were written to the database's log, whether there was room or not. */
  void logged(long bytes) {
    logged.addAndGet(bytes);
    written.addAndGet(2 * bytes);
  }

  private void reserve(long bytes) throws OutOfSpaceException {
    while (!tryReserve(bytes)) {
      waitForRoom(bytes);
    }
    if (taken() > limit * HIGH) {
      wake.run();
    }
  }

  /** In this order: what is written meanwhile counts twice and not never. */
  private long taken() {
    return reserved.get() + written.get() + base;
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
      // Something may have been deleted since, and nobody else may be looking.
      if (System.nanoTime() - measuredAt > LOOK.toNanos()) {
        remeasure();
      }
      if (!fits(bytes)) {
        throw full(bytes);
      }
    }
  }

  @Override
  public long limit() {
    return limit;
  }

  @Override
  public SpaceUse measure() throws IOException {
    long before = written.get();
    // Before, so that of many who are refused at once one measures.
    measuredAt = System.nanoTime();
    var measured = use.measure(logged::get);
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

  private boolean tryReserve(long bytes) {
    long before = reserved.get();
    while (before + written.get() + base + bytes <= limit) {
      if (reserved.compareAndSet(before, before + bytes)) {
        return true;
      }
      before = reserved.get();
    }
    return false;
  }

  private OutOfSpaceException full(long bytes) {
    return new OutOfSpaceException(
        "the budget is full: %d of %d bytes are taken (expected: room for %d); %s"
            .formatted(
                taken(),
                limit,
                bytes,
                exhausted.orElse("none was made within " + patience.toSeconds() + " s")));
  }

  private boolean fits(long bytes) {
    return taken() + bytes <= limit;
  }

  private void waitForRoom(long bytes) throws OutOfSpaceException {
    long end = System.nanoTime() + patience.toNanos();
    while (!fits(bytes)) {
      wake.run();
      reclaim.run();
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

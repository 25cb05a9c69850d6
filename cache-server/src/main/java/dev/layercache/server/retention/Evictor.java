package dev.layercache.server.retention;

import dev.layercache.server.blob.SpaceBudget;
import dev.layercache.server.blob.SpaceBudget.SpaceUse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the store below its budget: one thread that evicts in small slices when little room is
 * left, and otherwise looks once a second. Thread-safe.
 */
final class Evictor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Evictor.class);

  /** Eviction begins at this share of the budget and ends at that. */
  private static final double HIGH = 0.9;

  private static final double LOW = 0.88;

  /** From this share of the budget on, what files take beyond their blobs is worth a compaction. */
  private static final double RECLAIM = 0.1;

  /** What was evicted and takes more than this share of the budget is waited for. */
  private static final double BEING_FREED = 0.02;

  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration EXPIRE = Duration.ofHours(1);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

  /** When a whole lap freed nothing, another is tried after this long. */
  private static final Duration NEXT_LAP = Duration.ofSeconds(5);

  private final SpaceBudget budget;
  private final EvictionWalk walk;
  private final EvictionHistory history;
  private final ExpirySweep expiry;
  private final EvictionCounters counters;
  private final Overhead overhead = new Overhead();
  private final Semaphore wake = new Semaphore(0);
  private final ReentrantLock working = new ReentrantLock();
  private final Thread thread;
  private volatile boolean closed;
  private volatile Optional<String> obstacle = Optional.empty();
  private long lapFreed;
  private long notBefore = System.nanoTime();
  private long expireAt = System.nanoTime();

  Evictor(
      SpaceBudget budget,
      EvictionWalk walk,
      EvictionHistory history,
      ExpirySweep expiry,
      EvictionCounters counters) {
    this.budget = budget;
    this.walk = walk;
    this.history = history;
    this.expiry = expiry;
    this.counters = counters;
    budget.onPressure(this::wake);
    this.thread = Thread.ofPlatform().name("layercache-evictor").daemon().start(this::run);
  }

  private void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  /** Something may be evictable that was not: a tag or a pin is gone. */
  void reconsider() {
    working.lock();
    try {
      walk.restart();
      notBefore = System.nanoTime();
    } finally {
      working.unlock();
    }
    wake();
  }

  /** Evicts until enough room is left, or nothing more can go. Tests call it by themselves. */
  void evictAsNeeded() throws IOException {
    working.lock();
    try {
      long excess = excess(budget.measure(), HIGH);
      while (excess > 0 && System.nanoTime() - notBefore >= 0 && !closed) {
        long wanted = excess(budget.measure(), LOW);
        if (wanted <= 0 || !evictSlice(wanted)) {
          break;
        }
      }
      if (excess <= 0) {
        obstacle = Optional.empty();
        budget.relieved();
      }
    } finally {
      working.unlock();
    }
  }

  long excess() throws IOException {
    working.lock();
    try {
      return Math.max(0, excess(budget.measure(), LOW));
    } finally {
      working.unlock();
    }
  }

  Optional<String> obstacle() {
    return obstacle;
  }

  /** Evicts images that have expired by their rule. */
  int evictExpired() throws IOException {
    working.lock();
    try {
      var gone = expiry.sweep();
      counters.evicted(gone);
      return gone.size();
    } finally {
      working.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    wake();
    try {
      if (!thread.join(CLOSE_PATIENCE)) {
        log.warn("eviction is still under way after {}", CLOSE_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @return whether to go on
   */
  private boolean evictSlice(long wanted) throws IOException {
    var slice = walk.slice(wanted);
    lapFreed += slice.bytes();
    counters.evicted(slice.evicted());
    // Images are in it already.
    history.add(slice.evicted().stream().filter(gone -> gone.repository().isEmpty()).toList());
    if (slice.bytes() > 0) {
      budget.relieved();
    }
    if (!slice.endOfLap()) {
      return true;
    }
    boolean fruitless = lapFreed == 0;
    lapFreed = 0;
    if (fruitless && isBeingFreed()) {
      notBefore = System.nanoTime() + SOON.toNanos();
    } else if (fruitless) {
      obstacle = Optional.of(walk.tally().sentence());
      budget.exhausted(obstacle.get());
      notBefore = System.nanoTime() + NEXT_LAP.toNanos();
    }
    return !fruitless;
  }

  /** Whether room comes without more eviction, because what was evicted still takes disk. */
  private boolean isBeingFreed() throws IOException {
    var use = budget.measure();
    boolean freed = use.files() - use.blobs() - overhead.of(use) > budget.limit() * BEING_FREED;
    if (freed) {
      budget.reclaim();
    }
    return freed;
  }

  /** Bytes above a share of the budget, files that are about to be deleted not counted. */
  private long excess(SpaceUse use, double share) {
    if (use.files() - use.blobs() > budget.limit() * RECLAIM) {
      budget.reclaim();
    }
    return use.blobs()
        + overhead.of(use)
        + use.logs()
        + use.staged()
        - (long) (budget.limit() * share);
  }

  private void run() {
    while (!closed) {
      try {
        if (wake.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
        evictAsNeeded();
        if (!closed && System.nanoTime() - expireAt >= 0) {
          expireAt = System.nanoTime() + EXPIRE.toNanos();
          evictExpired();
        }
      } catch (IOException | RuntimeException e) {
        if (!closed) {
          log.warn("eviction failed and is tried again: {}", e.toString());
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}

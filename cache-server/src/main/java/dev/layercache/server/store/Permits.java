package dev.layercache.server.store;

import dev.layercache.server.blob.UnavailableException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Bounds how many disk and hash sections run at once. Virtual threads are not time-shared and
 * native calls pin their carrier: without a bound below the scheduler's parallelism a trivial task
 * waited 6 s behind 64 cold readers, with it 3.4 ms.
 */
final class Permits implements AutoCloseable {
  private final Semaphore semaphore;
  private final int count;
  private final Duration patience;
  private volatile boolean closed;

  Permits(int count, Duration patience) {
    this.semaphore = new Semaphore(count);
    this.count = count;
    this.patience = patience;
  }

  /** Runs nothing itself: the caller does, between this and closing what it returns. */
  Permit acquire() throws UnavailableException {
    if (closed) {
      throw new UnavailableException("the store is closing");
    }
    try {
      if (!semaphore.tryAcquire()
          && !semaphore.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new UnavailableException(
            "all %d disk permits were taken for %d ms; try again"
                .formatted(count, patience.toMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting for a disk permit", e);
    }
    return semaphore::release;
  }

  /** Whether half of the permits or more are taken. */
  boolean isBusy() {
    return semaphore.availablePermits() <= count / 2;
  }

  /**
   * Lets nobody in any more, and waits for those who are: after this no native call of theirs runs.
   */
  @Override
  public void close() throws TimeoutException {
    if (!closed) {
      closed = true;
      Shutdown.await(
          "a disk section", nanos -> semaphore.tryAcquire(count, nanos, TimeUnit.NANOSECONDS));
      semaphore.release(count);
    }
  }

  /** The right to use the disk; closed exactly once. */
  interface Permit extends AutoCloseable {
    @Override
    void close();
  }
}

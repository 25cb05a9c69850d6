package dev.layercache.server.store;

import dev.layercache.server.blob.UnavailableException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Bounds the segment files that uploads write at once. When there is none left, the quietest upload
 * has to give up its own.
 */
final class WriterSlots {
  private final Semaphore free;
  private final int count;
  private final Duration patience;
  private final BooleanSupplier parkQuietest;

  /**
   * @param parkQuietest makes one upload let go of its writer; false when all are busy
   */
  WriterSlots(int count, Duration patience, BooleanSupplier parkQuietest) {
    this.free = new Semaphore(count);
    this.count = count;
    this.patience = patience;
    this.parkQuietest = parkQuietest;
  }

  void acquire() throws UnavailableException {
    if (free.tryAcquire() || (parkQuietest.getAsBoolean() && free.tryAcquire())) {
      return;
    }
    try {
      if (!free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new UnavailableException(
            "%d large uploads are being written and none ended for %d ms; try again"
                .formatted(count, patience.toMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting to write", e);
    }
  }

  void release() {
    free.release();
  }
}

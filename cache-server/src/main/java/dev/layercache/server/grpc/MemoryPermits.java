package dev.layercache.server.grpc;

import io.grpc.StatusException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the memory of messages that carry blobs: those on their way in, or those that are put
 * together to be sent. A call asks the transport for its first message only when it is admitted, so
 * a call that waits here holds no more memory than its connection's receive window. First come,
 * first served. Thread-safe.
 */
final class MemoryPermits {
  private static final int MEBIBYTE = 1 << 20;

  private final Semaphore mebibytes;
  private final int total;
  private final Duration patience;

  /**
   * @param bytes that all admitted calls may hold together
   * @param patience longest wait for a turn
   */
  MemoryPermits(long bytes, Duration patience) {
    this.total = Math.clamp(bytes / MEBIBYTE, 1, 1 << 20);
    this.mebibytes = new Semaphore(total, true);
    this.patience = patience;
  }

  /** What an admitted call holds. Whoever took it closes it, once. */
  interface Admission extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits for a turn; on a virtual thread.
   *
   * @param most mebibytes that the call will hold at once; more than there are counts as all
   * @throws StatusException if the turn did not come in time
   */
  Admission acquire(int most) throws StatusException, InterruptedException {
    int count = Math.min(most, total);
    if (!mebibytes.tryAcquire(count, patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw GrpcErrors.busy(
          "no memory for another batch or upload within %d seconds", patience.toSeconds());
    }
    return () -> mebibytes.release(count);
  }
}

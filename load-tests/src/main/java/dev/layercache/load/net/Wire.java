package dev.layercache.load.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A wire of limited rate that several connections share; both directions count against the one
 * rate. Thread-safe.
 */
public final class Wire {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double nanosPerByte;
  private final LongAdder bytes = new LongAdder();
  private long freeAt = System.nanoTime();

  private Wire(double nanosPerByte) {
    this.nanosPerByte = nanosPerByte;
  }

  /** As fast as the machine. */
  public static Wire unlimited() {
    return new Wire(0);
  }

  /**
   * @param bytesPerSecond more than 0
   */
  public static Wire of(double bytesPerSecond) {
    return new Wire(NANOS_PER_SECOND / bytesPerSecond);
  }

  /** That have passed so far. */
  public long bytes() {
    return bytes.sum();
  }

  /** Counts {@code count} bytes and waits until the wire has carried them. */
  void carry(int count) throws InterruptedException {
    bytes.add(count);
    if (nanosPerByte > 0) {
      TimeUnit.NANOSECONDS.sleep(reserve(count) - System.nanoTime());
    }
  }

  /** Returns when the bytes have passed. */
  private synchronized long reserve(int count) {
    freeAt = Math.max(freeAt, System.nanoTime()) + (long) (count * nanosPerByte);
    return freeAt;
  }
}

package dev.layercache.server.grpc;

import java.util.concurrent.Semaphore;

/**
 * Bounds what downloads queue for their clients. As many as the budget allows send 1 MiB messages
 * and queue up to 2 MiB ahead, which is what a fast network needs; every further one makes do with
 * 64 KiB messages until it ends. Small blobs need no share. Thread-safe, never waits.
 */
final class OutboundShares {
  /** Messages below this size nearly double the CPU time of a download. */
  static final int LARGE_CHUNK = 1 << 20;

  /** Without a share. */
  static final int SMALL_CHUNK = 64 << 10;

  private final Semaphore large;

  /**
   * @param bytes that all shares may queue together
   */
  OutboundShares(long bytes) {
    int most = (int) Math.clamp(bytes / Share.LARGE.bytes(), 1, 1 << 20);
    this.large = new Semaphore(most);
  }

  /** How much a download may queue. */
  enum Share {
    LARGE(LARGE_CHUNK, 2 * LARGE_CHUNK),
    SMALL(SMALL_CHUNK, SMALL_CHUNK);

    private final int chunk;
    private final int readyThreshold;

    Share(int chunk, int readyThreshold) {
      this.chunk = chunk;
      this.readyThreshold = readyThreshold;
    }

    /** Most bytes of one message. */
    int chunk() {
      return chunk;
    }

    /** Bytes that are queued before the call counts as not ready. */
    int readyThreshold() {
      return readyThreshold;
    }

    /** The threshold, and the message that goes over it. */
    private int bytes() {
      return readyThreshold + chunk;
    }
  }

  /** A share for a download; {@link #give} it back when the call is over. */
  Share take() {
    return large.tryAcquire() ? Share.LARGE : Share.SMALL;
  }

  /** Gives a share back, once. */
  void give(Share share) {
    if (share == Share.LARGE) {
      large.release();
    }
  }
}

package dev.layercache.server.grpc;

import java.util.concurrent.Semaphore;

/**
 * Bounds what downloads queue for their clients. The first few send 1 MiB messages and queue up to
 * 2 MiB ahead, which is what one fast client needs. Of many at once each queues less, since what is
 * queued on an event loop is what the next small call waits behind: with 2 MiB for each of 64
 * downloads that is 128 MiB. Small blobs need no share. Thread-safe, never waits.
 */
final class OutboundShares {
  /** What all large shares may queue together, bytes. */
  private static final long ALL_LARGE = 24L << 20;

  private final Semaphore large;
  private final Semaphore medium;

  /**
   * @param bytes that all large and medium shares may queue together
   */
  OutboundShares(long bytes) {
    long forLarge = Math.min(bytes, ALL_LARGE);
    this.large = new Semaphore(Math.max(1, fitting(forLarge, Share.LARGE)));
    this.medium = new Semaphore(fitting(bytes - forLarge, Share.MEDIUM));
  }

  /** How much a download may queue. Messages of 64 KiB nearly double its CPU time. */
  enum Share {
    LARGE(1 << 20, 2 << 20),
    MEDIUM(256 << 10, 256 << 10),
    SMALL(64 << 10, 64 << 10);

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
    if (large.tryAcquire()) {
      return Share.LARGE;
    }
    return medium.tryAcquire() ? Share.MEDIUM : Share.SMALL;
  }

  /** Gives a share back, once. */
  void give(Share share) {
    switch (share) {
      case LARGE -> large.release();
      case MEDIUM -> medium.release();
      case SMALL -> {
        // Not counted.
      }
    }
  }

  private static int fitting(long bytes, Share share) {
    return (int) Math.clamp(bytes / share.bytes(), 0, 1 << 20);
  }
}

package dev.layercache.server.retention;

/**
 * What pins and leases may take together. Thread-safe.
 *
 * <p>A blob that several of them name counts for each: the sum is an upper bound.
 */
final class PinnedShare {
  private final long limit;
  private long taken;

  PinnedShare(long limit) {
    this.limit = limit;
  }

  /**
   * @throws PinLimitException if it is more than is left
   */
  synchronized void take(String what, long bytes) throws PinLimitException {
    if (taken + bytes > limit) {
      throw new PinLimitException(
          "%s has %d bytes, and %d of the %d bytes that may be pinned or leased are taken: %d too many"
              .formatted(what, bytes, taken, limit, taken + bytes - limit));
    }
    taken += bytes;
  }

  synchronized void give(long bytes) {
    taken -= bytes;
  }

  /** Counts what was pinned before a restart, even if the limit is lower now. */
  synchronized void restore(long bytes) {
    taken += bytes;
  }

  synchronized long taken() {
    return taken;
  }

  long limit() {
    return limit;
  }
}

package dev.layercache.load.retention;

/** A cache of blobs by number, for comparison. Not thread-safe. */
interface Replacement {
  /**
   * A blob is asked for, and taken in if it is not there.
   *
   * @param next when it is asked for again, as a count of requests; only the optimum looks
   * @return whether it was there
   */
  boolean request(int blob, long size, int next);
}

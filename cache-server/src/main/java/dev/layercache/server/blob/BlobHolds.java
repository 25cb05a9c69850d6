package dev.layercache.server.blob;

/** Keeps blobs from being evicted while something is built on them. Thread-safe. */
@FunctionalInterface
public interface BlobHolds {
  /** For stores that evict nothing. */
  BlobHolds NONE = () -> () -> {};

  /**
   * Begins to hold: what is renewed ({@link BlobSource#findMissing}, {@link BlobSource#open}) from
   * now on is not evicted until the hold is closed, however long that takes.
   *
   * @return to be closed by the caller
   */
  Hold hold();

  /** A hold that was begun. */
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }
}

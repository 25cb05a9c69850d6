package dev.layercache.client;

/** Is told how a check goes, on the thread that waits for it. */
@FunctionalInterface
public interface VerifyListener {
  /** Ignores everything. */
  VerifyListener NONE = (bytes, total, findings) -> {};

  /**
   * About twice a second.
   *
   * @param bytes read so far
   * @param total that were stored when the check began
   * @param findings so far
   */
  void progressed(long bytes, long total, long findings);
}

package dev.layercache.server.blob;

import java.util.concurrent.atomic.LongAdder;

/** What went through a store since the process started. Thread-safe. */
public final class BlobCounters {
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder bytesReceived = new LongAdder();
  private final LongAdder bytesSent = new LongAdder();
  private final LongAdder damaged = new LongAdder();

  /** The counts now. Each is exact once nothing is under way; together they are no one moment. */
  public Snapshot snapshot() {
    return new Snapshot(hits.sum(), misses.sum(), bytesReceived.sum(), bytesSent.sum());
  }

  /** Blobs that were found damaged. */
  public long damaged() {
    return damaged.sum();
  }

  /** One more blob was found damaged. */
  public void foundDamaged() {
    damaged.increment();
  }

  void opened(boolean found) {
    (found ? hits : misses).increment();
  }

  void received(long bytes) {
    bytesReceived.add(bytes);
  }

  void sent(long bytes) {
    bytesSent.add(bytes);
  }

  /**
   * @param hits blobs that were opened for reading
   * @param misses blobs that were to be opened and not stored
   * @param bytesReceived bytes that uploads accepted, whether they were committed or not
   * @param bytesSent bytes that readers and followers gave out, as bytes or as file regions
   */
  public record Snapshot(long hits, long misses, long bytesReceived, long bytesSent) {}
}

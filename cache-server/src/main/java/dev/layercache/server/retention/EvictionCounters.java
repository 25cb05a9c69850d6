package dev.layercache.server.retention;

import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;

/** What was evicted since the start. Thread-safe. */
public final class EvictionCounters {
  private final LongAdder blobs = new LongAdder();
  private final LongAdder images = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  void evicted(Collection<Eviction> evictions) {
    for (var eviction : evictions) {
      blobs.add(eviction.blobs());
      bytes.add(eviction.bytes());
      if (eviction.repository().isPresent()) {
        images.increment();
      }
    }
  }

  /** Blobs that went, those of images included. */
  public long blobs() {
    return blobs.sum();
  }

  /** Images that went. */
  public long images() {
    return images.sum();
  }

  /** Bytes of the blobs that went. */
  public long bytes() {
    return bytes.sum();
  }
}

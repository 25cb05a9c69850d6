package dev.layercache.load.retention;

/** Requests and how many of them were answered from the cache. Not thread-safe. */
final class HitRatio {
  private long requests;
  private long hits;
  private long bytes;
  private long hitBytes;

  void request(long size, boolean hit) {
    requests++;
    bytes += size;
    if (hit) {
      hits++;
      hitBytes += size;
    }
  }

  long requests() {
    return requests;
  }

  double ofRequests() {
    return (double) hits / requests;
  }

  double ofBytes() {
    return (double) hitBytes / bytes;
  }
}

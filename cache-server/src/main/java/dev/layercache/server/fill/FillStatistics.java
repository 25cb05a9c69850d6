package dev.layercache.server.fill;

/**
 * What was asked of the origins of one group, and what they were spared, since the process started.
 *
 * @param group {@link BlobOrigin#group}
 * @param hits blobs that were wanted and stored
 * @param misses blobs that were wanted and not stored; many may have waited for one fill
 * @param fillsStarted blobs that were begun to be copied in
 * @param fillsRunning of those, under way now
 * @param fillsFailed of those, given up: the origin failed, or nobody wanted them any more
 * @param wrongBytes of those, whose bytes had another digest
 * @param resumed streams that broke and were opened again
 * @param bytesFilled bytes that came from the origins
 * @param bytesServed bytes that readers took, stored ones and those of fills
 */
public record FillStatistics(
    String group,
    long hits,
    long misses,
    long fillsStarted,
    long fillsRunning,
    long fillsFailed,
    long wrongBytes,
    long resumed,
    long bytesFilled,
    long bytesServed) {

  /** Bytes that readers took and that did not have to come from the origins for it. */
  public long bytesSaved() {
    return Math.max(0, bytesServed - bytesFilled);
  }
}

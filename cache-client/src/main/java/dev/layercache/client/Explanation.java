package dev.layercache.client;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Why the server has a blob, or has not.
 *
 * @param digest of the blob
 * @param bytes of it; empty when it is not stored
 * @param lastUse to the hour; empty when it is not stored
 * @param images that it belongs to, at most 20
 * @param imageCount how many there are in all
 * @param leasedUntil when its lease ends
 * @param outlook what will become of it, in a sentence
 * @param olderBytes bytes of blobs that were unused for longer, counted over at most 10,000 blobs
 * @param evicted the last time that it went, if the server still knows
 */
public record Explanation(
    Digest digest,
    Optional<Long> bytes,
    Optional<Instant> lastUse,
    List<StoredImage> images,
    int imageCount,
    Optional<Instant> leasedUntil,
    String outlook,
    long olderBytes,
    Optional<EvictionInfo> evicted) {
  public Explanation {
    images = List.copyOf(images);
  }
}

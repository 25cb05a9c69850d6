package dev.layercache.client;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Something that the server evicted, or would.
 *
 * @param digest of the blob, or of the image's root manifest
 * @param repository of the image; empty for a blob that no image named
 * @param tags that the image had, at most 10
 * @param blobs that went with it, itself included
 * @param bytes of those blobs
 * @param lastUse to the hour
 * @param evicted when it went; empty when it would go
 * @param reason for people
 */
public record EvictionInfo(
    Digest digest,
    Optional<String> repository,
    List<String> tags,
    long blobs,
    long bytes,
    Instant lastUse,
    Optional<Instant> evicted,
    String reason) {
  public EvictionInfo {
    tags = List.copyOf(tags);
  }
}

package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Something that was evicted, as the history has it.
 *
 * @param digest of the blob, or of the image's root manifest
 * @param repository of the image; empty for a blob that no image named
 * @param tags that the image had, at most {@link #MAX_TAGS}
 * @param blobs that went with it, itself included
 * @param bytes of those blobs
 * @param lastUse when it was last used, to the hour
 * @param evicted when it went
 * @param reason in a sentence's middle, for people
 */
public record Eviction(
    Digest digest,
    Optional<String> repository,
    List<String> tags,
    long blobs,
    long bytes,
    Instant lastUse,
    Instant evicted,
    String reason) {
  /** Most tags that are remembered. */
  public static final int MAX_TAGS = 10;

  public Eviction {
    tags = List.copyOf(tags.subList(0, Math.min(MAX_TAGS, tags.size())));
  }
}

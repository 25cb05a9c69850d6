package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a blob, and what will become of it.
 *
 * @param digest of the blob
 * @param bytes of it; empty when it is not stored
 * @param lastUse to the hour; empty when it is not stored
 * @param images that it belongs to, at most {@link Explainer#MAX_IMAGES}
 * @param imageCount how many there are in all
 * @param leasedUntil when its lease ends
 * @param outlook what will become of it, in a sentence
 * @param olderBytes bytes of blobs that were unused for longer, counted over at most {@link
 *     Explainer#MAX_OLDER} blobs
 * @param evicted the last time that it went, if the history still has it
 */
public record Explanation(
    Digest digest,
    Optional<Long> bytes,
    Optional<Instant> lastUse,
    List<Image> images,
    int imageCount,
    Optional<Instant> leasedUntil,
    String outlook,
    long olderBytes,
    Optional<Eviction> evicted) {

  public Explanation {
    images = List.copyOf(images);
  }

  /**
   * An image.
   *
   * @param repository that it is in
   * @param digest of its root manifest
   * @param tags of all its manifests
   * @param lastUse to the hour
   * @param kept whether it stays whatever room is needed
   * @param reason why, or why not
   * @param bytes of all its blobs, each once
   * @param exclusiveBytes of those that no other image names
   */
  public record Image(
      String repository,
      Digest digest,
      List<String> tags,
      Instant lastUse,
      boolean kept,
      String reason,
      long bytes,
      long exclusiveBytes) {
    public Image {
      tags = List.copyOf(tags);
    }
  }
}

package dev.layercache.client;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.List;

/**
 * An image and what it takes on the server.
 *
 * @param repository that it is in
 * @param digest of its root manifest
 * @param tags of all its manifests
 * @param lastUse to the hour
 * @param kept whether it stays whatever room is needed
 * @param reason why, or why not; may be empty
 * @param bytes of all its blobs, each once
 * @param exclusiveBytes of those that no other image names: what its removal would free
 */
public record StoredImage(
    String repository,
    Digest digest,
    List<String> tags,
    Instant lastUse,
    boolean kept,
    String reason,
    long bytes,
    long exclusiveBytes) {
  public StoredImage {
    tags = List.copyOf(tags);
  }
}

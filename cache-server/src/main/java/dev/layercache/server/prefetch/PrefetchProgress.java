package dev.layercache.server.prefetch;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * How far an order is. Sizes are those that manifests say.
 *
 * @param resolved images whose manifests were looked for so far, in the order's order
 * @param blobs that they consist of, each once
 * @param bytes of these blobs
 * @param blobsStored how many are stored now
 * @param bytesStored of those that were stored before the order
 * @param bytesFetched for the order so far; may be more than was missing when streams broke
 */
public record PrefetchProgress(
    List<Image> resolved,
    int blobs,
    long bytes,
    int blobsStored,
    long bytesStored,
    long bytesFetched) {

  public PrefetchProgress {
    resolved = List.copyOf(resolved);
  }

  /**
   * An image of an order.
   *
   * @param name as it was given
   * @param manifest empty when it could not be had
   * @param blobs that it consists of, for the platforms wanted
   * @param bytes of these blobs
   * @param failure why it is not stored whole; empty while it may come to be
   */
  public record Image(
      ImageReference name,
      Optional<Digest> manifest,
      int blobs,
      long bytes,
      Optional<String> failure) {}
}

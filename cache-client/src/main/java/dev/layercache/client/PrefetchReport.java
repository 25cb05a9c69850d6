package dev.layercache.client;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * How far a prefetch is, or how it ended.
 *
 * @param images those that were looked for so far, in the order asked
 * @param blobs of all images, each once
 * @param bytes of these blobs
 * @param blobsStored how many of them the server has now
 * @param bytesStored of those that it had before
 * @param bytesFetched for this prefetch so far
 */
public record PrefetchReport(
    List<Image> images,
    int blobs,
    long bytes,
    int blobsStored,
    long bytesStored,
    long bytesFetched) {

  public PrefetchReport {
    images = List.copyOf(images);
  }

  /** Whether every image is stored whole, or can be as far as is known. */
  public boolean isComplete() {
    return images.stream().allMatch(image -> image.failure().isEmpty());
  }

  /**
   * An image of a prefetch.
   *
   * @param name as it was asked for
   * @param manifest what the name means; empty when it could not be had
   * @param blobs that it consists of, for the platforms wanted
   * @param bytes of these blobs
   * @param failure why the server does not have it whole
   */
  public record Image(
      ImageReference name,
      Optional<Digest> manifest,
      int blobs,
      long bytes,
      Optional<String> failure) {}
}

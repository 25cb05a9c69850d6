package dev.layercache.server.prefetch;

import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What to store.
 *
 * @param images by the names that they have here, at most {@link #MAX_IMAGES}
 * @param platforms of an index only the images for these; empty means all
 * @param pin keeps the images for so long, whatever their use
 * @param planOnly fetches manifests, and says what else would be
 */
public record PrefetchOrder(
    List<ImageReference> images,
    List<Platform> platforms,
    Optional<Duration> pin,
    boolean planOnly) {
  /** Most images of one order. */
  public static final int MAX_IMAGES = 1_000;

  public PrefetchOrder {
    images = List.copyOf(images);
    platforms = List.copyOf(platforms);
    if (images.isEmpty() || images.size() > MAX_IMAGES) {
      throw new IllegalArgumentException(
          "%d images (expected: 1 to %d)".formatted(images.size(), MAX_IMAGES));
    }
  }
}

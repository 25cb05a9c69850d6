package dev.layercache.server.config;

import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Images that a server keeps stored by itself.
 *
 * @param images by the names that they have on the server; empty keeps none
 * @param platforms of an index only the images for these; empty means all
 * @param pin keeps them for so long after each time, whatever their use
 * @param interval between two times
 * @param requestsPerHour images that are compared with their registries in an hour, at most
 */
public record PrefetchConfig(
    List<ImageReference> images,
    List<Platform> platforms,
    Optional<Duration> pin,
    Duration interval,
    int requestsPerHour) {
  /** Keeps nothing. */
  public static final PrefetchConfig NONE =
      new PrefetchConfig(List.of(), List.of(), Optional.empty(), Duration.ofHours(1), 60);

  public PrefetchConfig {
    images = List.copyOf(images);
    platforms = List.copyOf(platforms);
  }
}

package dev.layercache.client;

import dev.layercache.oci.Platform;
import java.util.Optional;

/**
 * What to pull of an image.
 *
 * @param platform of an index only the first manifest for this platform, which becomes the root;
 *     empty pulls the index with all its images
 */
public record PullOptions(Optional<Platform> platform) {
  /** Everything that the reference names. */
  public static final PullOptions ALL = new PullOptions(Optional.empty());

  /** The image for one platform. */
  public static PullOptions of(Platform platform) {
    return new PullOptions(Optional.of(platform));
  }
}

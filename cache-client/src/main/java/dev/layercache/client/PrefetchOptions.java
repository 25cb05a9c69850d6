package dev.layercache.client;

import dev.layercache.oci.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to prefetch.
 *
 * @param platforms of an index only the images for these; empty means all
 * @param pin keeps the images for so long, in whole seconds, whatever their use
 * @param planOnly fetches manifests only, and says what else would be fetched
 */
public record PrefetchOptions(List<Platform> platforms, Optional<Duration> pin, boolean planOnly) {
  /** All platforms, not pinned. */
  public static final PrefetchOptions ALL = new PrefetchOptions(List.of(), Optional.empty(), false);

  public PrefetchOptions {
    platforms = List.copyOf(platforms);
  }

  /** What images for this kind of machine say, as Go names it. */
  static Platform thisMachine() {
    String name = System.getProperty("os.arch", "amd64");
    String architecture =
        switch (name) {
          case "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          default -> name;
        };
    return new Platform("linux", architecture, Optional.empty());
  }
}

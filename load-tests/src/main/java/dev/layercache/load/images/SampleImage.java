package dev.layercache.load.images;

import java.nio.file.Path;

/**
 * One version of an image.
 *
 * @param name its repository
 * @param tag its version, {@code v1} or {@code v2}
 * @param layout an OCI image layout that holds it alone, under its tag
 */
public record SampleImage(String name, String tag, Path layout) {

  /** As clients name it in {@code registry}, which is HOST:PORT. */
  String in(String registry) {
    return "%s/%s:%s".formatted(registry, name, tag);
  }
}

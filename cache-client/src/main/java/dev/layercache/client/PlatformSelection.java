package dev.layercache.client;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import dev.layercache.oci.Platform;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Finds the image for one platform in what a reference names. Not thread-safe. */
final class PlatformSelection {
  /** Indexes that are read before giving up. */
  private static final int MAX_INDEXES = 100;

  private final Images images;
  private final ImageReference reference;
  private final Platform wanted;
  private final Set<String> available = new LinkedHashSet<>();
  private int indexes;

  PlatformSelection(Images images, ImageReference reference, Platform wanted) {
    this.images = images;
    this.reference = reference;
    this.wanted = wanted;
  }

  /**
   * The manifest for the platform: {@code named} itself when it is an image that does not say it is
   * for another one.
   *
   * @throws LayercacheException {@link Kind#NOT_FOUND} if there is none; the message lists the
   *     platforms that there are
   */
  Images.Image select(Images.Image named) throws IOException {
    Optional<Images.Image> found =
        MediaTypes.isIndex(named.descriptor().mediaType()) ? inIndex(named, 0) : ifServes(named);
    return found.orElseThrow(
        () ->
            new LayercacheException(
                Kind.NOT_FOUND,
                "image %s has no manifest for platform %s (available: %s)"
                    .formatted(
                        reference,
                        wanted,
                        available.isEmpty() ? "none" : String.join(", ", available))));
  }

  private Optional<Images.Image> ifServes(Images.Image image) throws LayercacheException {
    Optional<Platform> platform =
        images.inspect(reference).images().stream()
            .flatMap(inspected -> inspected.platform().stream())
            .findFirst();
    platform.ifPresent(p -> available.add(p.toString()));
    return platform.isEmpty() || platform.get().serves(wanted)
        ? Optional.of(image)
        : Optional.empty();
  }

  private Optional<Images.Image> inIndex(Images.Image index, int depth) throws IOException {
    if (depth > ImageTree.MAX_DEPTH || indexes++ >= MAX_INDEXES) {
      return Optional.empty();
    }
    Manifest manifest = ManifestParser.parse(index.bytes(), index.descriptor().mediaType());
    for (Descriptor child : manifest.manifests()) {
      child.platform().ifPresent(platform -> available.add(platform.toString()));
      if (MediaTypes.isImageManifest(child.mediaType())
          && child.platform().filter(platform -> platform.serves(wanted)).isPresent()) {
        return Optional.of(images.get(reference.repository(), child));
      }
    }
    for (Descriptor child : manifest.manifests()) {
      if (MediaTypes.isIndex(child.mediaType())) {
        Optional<Images.Image> found =
            inIndex(images.get(reference.repository(), child), depth + 1);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }
}

package dev.layercache.server.prefetch;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import dev.layercache.oci.Platform;
import dev.layercache.server.mirror.Content;
import dev.layercache.server.mirror.Origins.Asked;
import dev.layercache.server.mirror.Origins.Purpose;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The blobs of an image for some platforms, in the order in which a client wants them. Looking for
 * them fetches the manifests. Thread-safe, no state.
 */
final class ImageContents {
  /** Manifests that are read for one image. */
  private static final int MAX_MANIFESTS = 1_000;

  private final Content content;
  private final List<Platform> platforms;

  ImageContents(Content content, List<Platform> platforms) {
    this.content = content;
    this.platforms = platforms;
  }

  /**
   * An image and what it consists of.
   *
   * @param repository where it is here
   * @param manifest that its name means
   * @param blobs by digest, without manifests
   */
  record Found(String repository, Digest manifest, Map<Digest, Long> blobs) {
    long bytes() {
      return blobs.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * @throws IOException if there is no such image, or a manifest cannot be had
   */
  Found find(ImageReference image) throws IOException {
    var asked = new Asked(image.repository(), Optional.empty(), Purpose.MANIFEST, name -> false);
    String repository = content.locate(asked).orElse(image.repository());
    var root = manifest(repository, image.manifestReference());
    var blobs = new LinkedHashMap<Digest, Long>();
    var seen = new HashSet<Digest>();
    var queue = new ArrayDeque<Manifest>();
    queue.add(root.manifest());
    boolean any = false;
    while (!queue.isEmpty()) {
      var manifest = queue.remove();
      any |= !manifest.isIndex();
      manifest.config().ifPresent(config -> add(blobs, config));
      manifest.layers().forEach(layer -> add(blobs, layer));
      for (var child : manifest.manifests()) {
        if (!MediaTypes.isManifest(child.mediaType())) {
          add(blobs, child);
        } else if (isWanted(child) && seen.add(child.digest())) {
          if (seen.size() > MAX_MANIFESTS) {
            throw new IOException(
                "%s has more than %d manifests (expected: at most that)"
                    .formatted(image, MAX_MANIFESTS));
          }
          queue.add(manifest(repository, child.digest().toString()).manifest());
        }
      }
    }
    if (!any && blobs.isEmpty()) {
      throw new IOException("%s has no image for %s".formatted(image, platforms));
    }
    return new Found(repository, root.digest(), blobs);
  }

  /** An entry without a platform may be anything, so it is wanted only where all is. */
  private boolean isWanted(Descriptor child) {
    return platforms.isEmpty()
        || MediaTypes.isIndex(child.mediaType())
        || child.platform().filter(p -> platforms.stream().anyMatch(p::serves)).isPresent();
  }

  private static void add(Map<Digest, Long> blobs, Descriptor blob) {
    if (!blob.isNonDistributable()) {
      blobs.put(blob.digest(), blob.size());
    }
  }

  private record Read(Digest digest, Manifest manifest) {}

  private Read manifest(String repository, String reference) throws IOException {
    var found =
        content
            .get(repository, reference)
            .orElseThrow(
                () -> new IOException("manifest %s is not in %s".formatted(reference, repository)))
            .value();
    var descriptor = found.manifest().descriptor();
    return new Read(
        descriptor.digest(), ManifestParser.parse(found.bytes(), descriptor.mediaType()));
  }
}

package dev.layercache.client;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that an image, or an index with all its images, consists of: each digest once, without
 * layers that are had elsewhere (OCI image-spec, "Non-Distributable Layers"). Bounded in depth,
 * number and bytes, since the manifests may be anybody's. Not thread-safe.
 */
final class ImageTree {
  /** Indexes within indexes. */
  static final int MAX_DEPTH = 8;

  /** All manifests together, which are held in memory. */
  private static final long MAX_MANIFEST_BYTES = 64 << 20;

  private static final int MAX_BLOBS = 500_000;

  private final Map<Digest, Images.Image> manifests = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
  private final Set<Digest> configs = new HashSet<>();
  private final Set<Digest> entered = new HashSet<>();
  private final ManifestReader reader;
  private long manifestBytes;

  private ImageTree(ManifestReader reader) {
    this.reader = reader;
  }

  /** Gives the verified bytes of a manifest. */
  @FunctionalInterface
  interface ManifestReader {
    byte[] read(Descriptor manifest) throws IOException;
  }

  /**
   * Reads the root and every manifest below it.
   *
   * @throws LayercacheException {@link Kind#INVALID} if it passes a bound
   */
  static ImageTree walk(Images.Image root, ManifestReader reader) throws IOException {
    var tree = new ImageTree(reader);
    tree.enter(root, 0);
    return tree;
  }

  private void enter(Images.Image image, int depth) throws IOException {
    Descriptor descriptor = image.descriptor();
    require(depth <= MAX_DEPTH, "indexes in " + descriptor.digest() + " are nested", MAX_DEPTH);
    manifestBytes += image.bytes().length;
    require(manifestBytes <= MAX_MANIFEST_BYTES, "bytes of manifests", MAX_MANIFEST_BYTES);
    entered.add(descriptor.digest());
    Manifest manifest = ManifestParser.parse(image.bytes(), descriptor.mediaType());
    manifest.config().ifPresent(config -> configs.add(config.digest()));
    for (Descriptor child : manifest.references()) {
      if (manifest.isIndex() && MediaTypes.isManifest(child.mediaType())) {
        if (!entered.contains(child.digest())) {
          enter(new Images.Image(child, reader.read(child)), depth + 1);
        }
      } else if (!child.isNonDistributable()) {
        blobs.putIfAbsent(child.digest(), child);
        require(blobs.size() <= MAX_BLOBS, "blobs", MAX_BLOBS);
      }
    }
    manifests.put(descriptor.digest(), image);
  }

  /** Each after everything that it names; the root is the last. */
  List<Images.Image> manifests() {
    return List.copyOf(manifests.values());
  }

  Optional<Images.Image> manifest(Digest digest) {
    return Optional.ofNullable(manifests.get(digest));
  }

  /** Layers, configs and whatever else is not a manifest. */
  List<Descriptor> blobs() {
    return List.copyOf(blobs.values());
  }

  Optional<Descriptor> blob(Digest digest) {
    return Optional.ofNullable(blobs.get(digest));
  }

  /** Blobs that are not configs. */
  Set<Digest> layers() {
    var layers = new HashSet<>(blobs.keySet());
    layers.removeAll(configs);
    return layers;
  }

  /** Bytes of all manifests and blobs. */
  long totalBytes() {
    return manifestBytes + blobs.values().stream().mapToLong(Descriptor::size).sum();
  }

  private static void require(boolean holds, String what, long most) throws LayercacheException {
    if (!holds) {
      throw new LayercacheException(
          Kind.INVALID, "image is beyond reason: %s (expected: at most %d)".formatted(what, most));
    }
  }
}

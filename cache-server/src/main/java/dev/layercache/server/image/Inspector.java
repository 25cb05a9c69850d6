package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageConfig;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import dev.layercache.oci.Platform;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Looks into images. Thread-safe, no state; reads no layer. */
final class Inspector {
  /** Most manifests that one inspection reads. */
  static final int MAX_MANIFESTS = 256;

  /** Most layers of one inspection, all images together: each costs a look at who shares it. */
  static final int MAX_LAYERS = 1_000;

  /** Most bytes of the manifests of one inspection: their text goes into the answer. */
  static final long MAX_MANIFEST_BYTES = 8 << 20;

  /** Most names of LINKS that are read for one layer. */
  static final int MAX_SHARED = 1_000;

  private static final int MAX_SHARED_NAMED = 10;
  private static final byte[] START = new byte[0];

  private final ImageTables tables;
  private final ManifestBlobs blobs;
  private final MetadataStore metadata;

  Inspector(ImageTables tables, ManifestBlobs blobs, MetadataStore metadata) {
    this.tables = tables;
    this.blobs = blobs;
    this.metadata = metadata;
  }

  /** A manifest that waits to be looked into. */
  private record Waiting(Descriptor manifest, Optional<Platform> platform) {}

  Inspection inspect(String repository, StoredManifest root) throws IOException {
    var images = new ArrayList<Inspection.Image>();
    var seen = new HashSet<Digest>();
    var queue = new ArrayDeque<Waiting>();
    queue.add(new Waiting(root.descriptor(), Optional.empty()));
    int layers = 0;
    long bytes = 0;
    while (!queue.isEmpty()) {
      var next = queue.remove();
      if (!seen.add(next.manifest().digest())) {
        continue;
      }
      bytes += next.manifest().size();
      if (seen.size() > MAX_MANIFESTS || bytes > MAX_MANIFEST_BYTES) {
        return new Inspection(root, images, false);
      }
      var manifest = manifest(repository, next.manifest());
      if (manifest.isEmpty()) {
        continue;
      }
      var named = new ArrayList<>(manifest.get().layers());
      for (var entry : manifest.get().manifests()) {
        if (tables.manifest(repository, entry.digest()).isPresent()) {
          queue.add(new Waiting(entry, entry.platform().or(next::platform)));
        } else if (!MediaTypes.isManifest(entry.mediaType())) {
          named.add(entry);
        }
      }
      layers += named.size();
      if (layers > MAX_LAYERS) {
        return new Inspection(root, images, false);
      }
      if (!manifest.get().isIndex() || !named.isEmpty()) {
        images.add(image(repository, next, manifest.get(), named));
      }
    }
    return new Inspection(root, images, true);
  }

  private Inspection.Image image(
      String repository, Waiting waiting, Manifest manifest, List<Descriptor> named)
      throws IOException {
    var layers = new ArrayList<Inspection.Layer>();
    for (var blob : named) {
      layers.add(layer(blob, repository, waiting.manifest().digest()));
    }
    var platform = waiting.platform();
    if (platform.isEmpty() && manifest.config().isPresent()) {
      platform = blobs.read(manifest.config().get().digest()).flatMap(ImageConfig::platform);
    }
    return new Inspection.Image(waiting.manifest(), platform, manifest.config(), layers);
  }

  private Inspection.Layer layer(Descriptor blob, String repository, Digest manifest)
      throws IOException {
    var others = new ArrayList<ImageReference>();
    int total = 0;
    byte[] prefix = ImageKeys.links(blob.digest());
    for (var entry : metadata.scan(Table.LINKS, prefix, START, MAX_SHARED + 1)) {
      String otherRepository = ImageKeys.linkRepositoryOf(entry.key());
      Digest other = ImageKeys.linkManifestOf(entry.key());
      if (otherRepository.equals(repository) && other.equals(manifest)) {
        continue;
      }
      total++;
      if (others.size() < MAX_SHARED_NAMED) {
        others.add(new ImageReference(otherRepository, Optional.empty(), Optional.of(other)));
      }
    }
    return new Inspection.Layer(blob, others, Math.min(total, MAX_SHARED));
  }

  private Optional<Manifest> manifest(String repository, Descriptor descriptor) throws IOException {
    var stored = tables.manifest(repository, descriptor.digest());
    var bytes = stored.isEmpty() ? Optional.<byte[]>empty() : blobs.read(descriptor.digest());
    return bytes.isEmpty()
        ? Optional.empty()
        : Optional.of(ManifestParser.parse(bytes.get(), stored.get().mediaType()));
  }
}

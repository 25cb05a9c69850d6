package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * The manifest of an image in a docker archive that is an OCI layout too. It is found by its
 * config, since docker's names and the layout's need not agree, and counts only when every blob it
 * names is in the archive.
 */
final class KeptManifest {
  /** Most manifests and indexes that are looked at. */
  private static final int MAX_DOCUMENTS = 1_000;

  private KeptManifest() {}

  static Optional<Descriptor> find(LayoutFiles files, DockerManifest.Entry image)
      throws IOException {
    if (files.size(LayoutIndex.MARKER).isEmpty() || files.size(LayoutIndex.FILE).isEmpty()) {
      return Optional.empty();
    }
    var left = new ArrayDeque<Descriptor>(LayoutIndex.read(files).entries());
    for (int documents = 0; documents < MAX_DOCUMENTS && !left.isEmpty(); documents++) {
      Descriptor next = left.remove();
      if (!MediaTypes.isManifest(next.mediaType()) || !isThere(files, List.of(next))) {
        continue;
      }
      Manifest manifest =
          ManifestParser.parse(LayoutSource.readManifest(files, next), next.mediaType());
      left.addAll(manifest.manifests());
      boolean same =
          manifest
              .config()
              .filter(config -> LayoutFiles.blobPath(config.digest()).equals(image.config()))
              .isPresent();
      if (same && isThere(files, manifest.references())) {
        return Optional.of(next);
      }
    }
    return Optional.empty();
  }

  private static boolean isThere(LayoutFiles files, List<Descriptor> blobs) throws IOException {
    for (Descriptor blob : blobs) {
      var size = files.size(LayoutFiles.blobPath(blob.digest()));
      if (size.isEmpty() || size.getAsLong() != blob.size()) {
        return false;
      }
    }
    return true;
  }
}

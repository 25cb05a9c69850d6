package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobSource;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Whether an image can be delivered whole. A client that got the manifest from here asks here for
 * the rest, and some look nowhere else, so a manifest of which a part is gone counts as absent.
 * Thread-safe, no state.
 *
 * <p>A part is gone when its bytes are not stored, or when it is a blob that was deleted in the
 * repository. A manifest that was deleted in the repository is no reason: its index is still served
 * to those who want its other manifests.
 */
final class Deliverability {
  private final ImageTables tables;
  private final BlobSource blobs;

  Deliverability(ImageTables tables, BlobSource blobs) {
    this.tables = tables;
    this.blobs = blobs;
  }

  /**
   * Whether the manifest and all that it names, its manifests' blobs included, can be delivered.
   * Renews the life of all of it. Bounded by the manifest's closure.
   */
  boolean isDeliverable(String repository, Digest digest, ManifestRecord manifest)
      throws IOException {
    boolean tombstones = tables.hasTombstones(repository);
    Set<Digest> needed = new LinkedHashSet<>();
    needed.add(digest);
    var expanded = new HashSet<Digest>();
    var queue = new ArrayDeque<ManifestRecord>();
    queue.add(manifest);
    while (!queue.isEmpty()) {
      for (var reference : queue.remove().references()) {
        switch (reference.need()) {
          case NOTHING -> {}
          case BLOB -> {
            if (tombstones && tables.isDeleted(repository, reference.digest())) {
              return false;
            }
            needed.add(reference.digest());
          }
          case MANIFEST -> {
            needed.add(reference.digest());
            if (expanded.add(reference.digest())) {
              tables.manifest(repository, reference.digest()).ifPresent(queue::add);
            }
          }
        }
      }
    }
    return blobs.findMissing(needed).isEmpty();
  }
}

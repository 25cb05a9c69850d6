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
 *
 * <p>In a repository that is a copy, what is not stored can be had from the origin, so nothing is
 * gone while the origin answers. When it does not, a manifest counts if all its blobs are stored,
 * and an index if one of its manifests does: few clients want all the platforms, and what the
 * others are is known to nobody here.
 */
final class Deliverability {
  private final ImageTables tables;
  private final BlobSource blobs;
  private final CopiedRepositories copies;

  Deliverability(ImageTables tables, BlobSource blobs, CopiedRepositories copies) {
    this.tables = tables;
    this.blobs = blobs;
    this.copies = copies;
  }

  /**
   * Whether the manifest and all that it names, its manifests' blobs included, can be delivered.
   * Renews the life of all of it. Bounded by the manifest's closure.
   */
  boolean isDeliverable(String repository, Digest digest, ManifestRecord manifest)
      throws IOException {
    if (copies.isCopy(repository)) {
      boolean stored = isStored(repository, digest, manifest, new HashSet<>());
      return stored || copies.canFill(repository);
    }
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

  /** Whether a manifest of a copy can be delivered without its origin. */
  private boolean isStored(
      String repository, Digest digest, ManifestRecord manifest, Set<Digest> seen)
      throws IOException {
    Set<Digest> needed = new LinkedHashSet<>();
    needed.add(digest);
    int manifests = 0;
    int stored = 0;
    for (var reference : manifest.references()) {
      switch (reference.need()) {
        case NOTHING -> {}
        case BLOB -> needed.add(reference.digest());
        case MANIFEST -> {
          manifests++;
          if (seen.size() < ReferenceCheck.MAX_CLOSURE && seen.add(reference.digest())) {
            var child = tables.manifest(repository, reference.digest());
            if (child.isPresent() && isStored(repository, reference.digest(), child.get(), seen)) {
              stored++;
            }
          }
        }
      }
    }
    return blobs.findMissing(needed).isEmpty() && (manifests == 0 || stored > 0);
  }
}

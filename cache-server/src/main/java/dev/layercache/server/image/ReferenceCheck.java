package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.image.Reference.Need;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks what a manifest names before it is taken in: all of it must be there, in the size that the
 * manifest says. One check, one thread; thrown away after {@link #run}.
 */
final class ReferenceCheck {
  /** Most references of a manifest, of its manifests, of theirs, and so on. */
  static final int MAX_CLOSURE = 50_000;

  private final ImageTables tables;
  private final BlobSource blobs;
  private final Deliverability deliverability;
  private final String repository;
  private final boolean ignoreTombstones;

  private final Map<Digest, Need> needs = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> missing = new LinkedHashMap<>();
  private long closure;

  /**
   * @param ignoreTombstones whether a blob that was deleted in the repository counts as there
   */
  ReferenceCheck(
      ImageTables tables,
      BlobSource blobs,
      Deliverability deliverability,
      String repository,
      boolean ignoreTombstones) {
    this.tables = tables;
    this.blobs = blobs;
    this.deliverability = deliverability;
    this.repository = repository;
    this.ignoreTombstones = ignoreTombstones;
  }

  /**
   * @return what goes into the record of the manifest
   * @throws MissingBlobsException if something is not there
   * @throws InvalidManifestException if a size is wrong, or indexes are nested without measure
   */
  ManifestRecord run(Manifest manifest, long size) throws IOException {
    var blobReferences = new ArrayList<Descriptor>();
    for (var reference : manifest.references()) {
      if (reference.isNonDistributable()) {
        needs.putIfAbsent(reference.digest(), Need.NOTHING);
      } else {
        needs.put(reference.digest(), Need.BLOB);
        blobReferences.add(reference);
      }
    }
    for (var reference : manifest.manifests()) {
      if (needs.get(reference.digest()) == Need.BLOB && checkManifest(reference)) {
        needs.put(reference.digest(), Need.MANIFEST);
      }
    }
    checkBlobs(blobReferences);
    if (!missing.isEmpty()) {
      throw new MissingBlobsException(List.copyOf(missing.values()));
    }
    closure += needs.size();
    if (closure > MAX_CLOSURE) {
      throw new InvalidManifestException(
          "manifest names %d blobs and manifests, all levels together (expected: at most %d)"
              .formatted(closure, MAX_CLOSURE));
    }
    var references = needs.entrySet().stream().map(e -> new Reference(e.getKey(), e.getValue()));
    return new ManifestRecord(
        manifest.mediaType(),
        size,
        manifest.subject().map(Descriptor::digest),
        (int) closure,
        references.toList());
  }

  /**
   * Checks an entry of an index.
   *
   * @return whether it is a manifest; BuildKit's cache indexes name layers, which are checked as
   *     blobs
   */
  private boolean checkManifest(Descriptor reference) throws IOException {
    var stored = tables.manifest(repository, reference.digest());
    if (stored.isEmpty()) {
      if (MediaTypes.isManifest(reference.mediaType())) {
        missing.put(reference.digest(), reference);
        return true;
      }
      return false;
    }
    checkSize(reference, stored.get().size());
    closure += stored.get().closure();
    if (closure <= MAX_CLOSURE
        && !deliverability.isDeliverable(repository, reference.digest(), stored.get())) {
      missing.put(reference.digest(), reference);
    }
    return true;
  }

  private void checkBlobs(List<Descriptor> references) throws IOException {
    var digests = references.stream().map(Descriptor::digest).distinct().toList();
    Set<Digest> absent = blobs.findMissing(digests);
    boolean tombstones = !ignoreTombstones && tables.hasTombstones(repository);
    for (var reference : references) {
      Digest digest = reference.digest();
      var stored = absent.contains(digest) ? Optional.<Long>empty() : size(digest);
      boolean deleted =
          tombstones && needs.get(digest) == Need.BLOB && tables.isDeleted(repository, digest);
      if (stored.isEmpty() || deleted) {
        missing.putIfAbsent(digest, reference);
      } else {
        checkSize(reference, stored.get());
      }
    }
  }

  private Optional<Long> size(Digest digest) throws IOException {
    return blobs.stat(digest).map(info -> info.size());
  }

  private static void checkSize(Descriptor reference, long stored) throws InvalidManifestException {
    if (reference.size() != stored) {
      throw new InvalidManifestException(
          "manifest says that %s has %d bytes (expected: %d, as stored)"
              .formatted(reference.digest(), reference.size(), stored));
    }
  }
}

package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.server.blob.BlobHolds;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * What {@link Images} says of changes, done: manifests and tags that come and go, blobs that are
 * hidden and shown. Expects names that follow the grammar. Thread-safe.
 */
final class ImageWrites {
  private static final int CHANGES_AT_ONCE = 1_000;

  private final BlobStore blobs;
  private final MetadataStore metadata;
  private final Clock clock;
  private final ImageTables tables;
  private final ManifestBlobs manifestBlobs;
  private final Deliverability deliverability;
  private final RepositoryLocks locks;
  private final CopiedRepositories copies;
  private final BlobHolds holds;
  private final ImmutableTags immutable;

  ImageWrites(
      BlobStore blobs,
      MetadataStore metadata,
      Clock clock,
      ImageTables tables,
      ManifestBlobs manifestBlobs,
      Deliverability deliverability,
      RepositoryLocks locks,
      CopiedRepositories copies,
      BlobHolds holds,
      ImmutableTags immutable) {
    this.blobs = blobs;
    this.metadata = metadata;
    this.clock = clock;
    this.tables = tables;
    this.manifestBlobs = manifestBlobs;
    this.deliverability = deliverability;
    this.locks = locks;
    this.copies = copies;
    this.holds = holds;
    this.immutable = immutable;
  }

  /**
   * A manifest on its way in.
   *
   * @param restoring whether blobs that it names and that were deleted in the repository become
   *     readable there again
   */
  record ManifestPut(
      String repository,
      Optional<Digest> expectedDigest,
      List<String> tags,
      byte[] bytes,
      String mediaType,
      PutCondition condition,
      boolean restoring) {}

  StoredManifest put(ManifestPut put) throws IOException {
    // Held until the links are written: from then on they keep what was found to be there.
    try (var _ = holds.hold()) {
      Digest digest = verifiedDigest(put.bytes(), put.expectedDigest());
      return copies.isCopy(put.repository()) ? putThrough(put, digest) : putHere(put, digest);
    }
  }

  private StoredManifest putHere(ManifestPut put, Digest digest) throws IOException {
    String repository = put.repository();
    var content = ManifestParser.parse(put.bytes(), put.mediaType());
    var check = new ReferenceCheck(tables, blobs, deliverability, repository, put.restoring());
    var manifest = check.run(content, put.bytes().length);
    manifestBlobs.store(digest, put.bytes());
    RepositoryLocks.Action<StoredManifest> add =
        () -> add(repository, digest, put.tags(), content, manifest, put.restoring());
    boolean moves = put.tags().stream().noneMatch(tag -> immutable.isImmutable(repository, tag));
    if (put.condition().equals(PutCondition.NONE) && moves) {
      return locks.adding(repository, add);
    }
    return locks.removing(
        repository,
        () -> {
          requireCondition(put, digest);
          requireMovable(repository, put.tags(), Optional.of(digest));
          return add.run();
        });
  }

  private StoredManifest putThrough(ManifestPut put, Digest digest) throws IOException {
    if (!put.condition().equals(PutCondition.NONE)) {
      throw new IllegalArgumentException(
          "repository %s is a copy: what a tag points to is known where it is a copy of only"
              .formatted(put.repository()));
    }
    copies.push(put.repository(), digest, put.tags(), put.bytes(), put.mediaType());
    return putCopy(put.repository(), digest, put.tags(), put.bytes(), put.mediaType());
  }

  StoredManifest putCopy(
      String repository, Digest digest, List<String> tags, byte[] bytes, String mediaType)
      throws IOException {
    var content = ManifestParser.parse(bytes, mediaType);
    verifiedDigest(bytes, Optional.of(digest));
    var manifest = ManifestRecord.ofCopy(content, bytes.length);
    try (var _ = holds.hold()) {
      manifestBlobs.store(digest, bytes);
      return locks.adding(
          repository, () -> add(repository, digest, tags, content, manifest, false));
    }
  }

  /** With a lock of the repository held. */
  private StoredManifest add(
      String repository,
      Digest digest,
      List<String> tags,
      Manifest content,
      ManifestRecord manifest,
      boolean restoring)
      throws IOException {
    var changes = new ManifestChanges(repository, digest);
    var previous = tables.manifest(repository, digest);
    if (previous.isPresent() && !previous.get().equals(manifest)) {
      changes.remove(previous.get());
    }
    changes.add(manifest, content).tag(tags, manifest, clock.instant());
    if (restoring && tables.hasTombstones(repository)) {
      changes.restoreBlobs(manifest);
    }
    metadata.write(changes.toList());
    return manifest.stored(digest);
  }

  /** With the repository's exclusive lock held: tags that are there and immutable stay. */
  private void requireMovable(String repository, List<String> tags, Optional<Digest> target)
      throws IOException {
    for (String tag : tags) {
      if (immutable.isImmutable(repository, tag)) {
        var current = tables.tag(repository, tag).map(found -> found.manifest().digest());
        if (current.isPresent() && !current.equals(target)) {
          throw new ImmutableTagException(repository, tag, current.get());
        }
      }
    }
  }

  /** With the repository's exclusive lock held. */
  private void requireCondition(ManifestPut put, Digest digest) throws IOException {
    List<String> references = put.tags().isEmpty() ? List.of(digest.toString()) : put.tags();
    for (String reference : references) {
      var current = tables.digestOf(put.repository(), reference);
      if (current.isPresent() && tables.manifest(put.repository(), current.get()).isEmpty()) {
        current = Optional.empty();
      }
      if (!put.condition().holds(current)) {
        throw new ConditionFailedException(reference, current);
      }
    }
  }

  boolean deleteTag(String repository, String tag) throws IOException {
    return locks.removing(
        repository,
        () -> {
          var found = tables.tag(repository, tag);
          if (found.isEmpty()) {
            return false;
          }
          requireMovable(repository, List.of(tag), Optional.empty());
          Digest manifest = found.get().manifest().digest();
          metadata.write(
              List.of(
                  new Change.Delete(Table.TAGS, ImageKeys.tag(repository, tag)),
                  new Change.Delete(Table.TAGGED, ImageKeys.tagged(repository, manifest, tag))));
          return true;
        });
  }

  boolean deleteManifest(String repository, Digest digest) throws IOException {
    return locks.removing(
        repository,
        () -> {
          var manifest = tables.manifest(repository, digest);
          if (manifest.isEmpty()) {
            return false;
          }
          for (var tag : tables.tagsOf(repository, digest, CHANGES_AT_ONCE)) {
            requireMovable(repository, List.of(tag.name()), Optional.empty());
          }
          // Tags first, so that a crash in between leaves no tag without its manifest.
          var tags = tables.untag(repository, digest, CHANGES_AT_ONCE);
          while (!tags.isEmpty()) {
            metadata.write(tags);
            tags = tables.untag(repository, digest, CHANGES_AT_ONCE);
          }
          metadata.write(new ManifestChanges(repository, digest).remove(manifest.get()).toList());
          return true;
        });
  }

  boolean deleteBlob(String repository, Digest digest) throws IOException {
    if (tables.isDeleted(repository, digest) || blobs.stat(digest).isEmpty()) {
      return false;
    }
    byte[] key = ImageKeys.digest(repository, digest);
    metadata.write(List.of(new Change.Put(Table.TOMBSTONES, key, ImageRecords.present())));
    return true;
  }

  void restoreBlob(String repository, Digest digest) throws IOException {
    if (tables.isDeleted(repository, digest)) {
      byte[] key = ImageKeys.digest(repository, digest);
      metadata.write(List.of(new Change.Delete(Table.TOMBSTONES, key)));
    }
  }

  private static Digest verifiedDigest(byte[] bytes, Optional<Digest> expected)
      throws DigestMismatchException {
    var algorithm = expected.map(Digest::algorithm).orElse(DigestAlgorithm.SHA256);
    var actual = Digest.fromBytes(algorithm, algorithm.newHash().digest(bytes));
    if (expected.isPresent() && !actual.equals(expected.get())) {
      throw new DigestMismatchException(expected.get(), actual, bytes.length);
    }
    return actual;
  }
}

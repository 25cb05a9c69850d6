package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import java.io.IOException;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/**
 * Takes a blob out of every table that knows of it, in one write: what a client's deletion, an
 * eviction and the discovery of damage have in common. Thread-safe, no state.
 */
final class BlobDeletion {
  private final Database database;
  private final OpenReaders readers;
  private final UseTimes uses;
  private final SpaceReclaim reclaim;

  BlobDeletion(Database database, OpenReaders readers, UseTimes uses, SpaceReclaim reclaim) {
    this.database = database;
    this.readers = readers;
    this.uses = uses;
    this.reclaim = reclaim;
  }

  /** A blob under its own digest, whatever name it was looked for by. */
  record Found(Digest digest, BlobRecord.Stored record) {}

  /** Looks a blob up by either of its digests. */
  Optional<Found> find(Digest digest) throws IOException {
    var record = database.record(BlobKeys.record(digest));
    if (record.isEmpty()) {
      return Optional.empty();
    }
    return switch (record.get()) {
      case BlobRecord.Stored stored -> Optional.of(new Found(digest, stored));
      case BlobRecord.Alias alias ->
          database
              .record(alias.canonical())
              .filter(canonical -> canonical instanceof BlobRecord.Stored)
              .map(
                  canonical ->
                      new Found(BlobKeys.digest(alias.canonical()), (BlobRecord.Stored) canonical));
    };
  }

  /**
   * Deletes a blob if it is there, and still the one with id {@code only} if that is given.
   *
   * @return what was deleted
   */
  Optional<BlobInfo> delete(Batch batch, Digest digest, Optional<Long> only)
      throws IOException, RocksDBException {
    var found = batch.record(digest);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return switch (found.get()) {
      case BlobRecord.Alias alias -> {
        batch.deleteRecord(digest);
        yield delete(batch, BlobKeys.digest(alias.canonical()), only);
      }
      case BlobRecord.Stored stored when only.isPresent() && only.get() != stored.id() ->
          Optional.empty();
      case BlobRecord.Stored stored -> {
        delete(batch, digest, stored);
        yield Optional.of(new BlobInfo(digest, stored.size()));
      }
    };
  }

  private void delete(Batch batch, Digest digest, BlobRecord.Stored blob)
      throws IOException, RocksDBException {
    byte[] key = BlobKeys.record(digest);
    batch.deleteRecord(digest);
    var alias = database.get(database.aliases(), key);
    if (alias.isPresent()) {
      batch.deleteRecord(BlobKeys.digest(alias.get()));
      batch.delete(database.aliases(), key);
    }
    batch.delete(database.ids(), BlobKeys.id(blob.id()));
    uses.deleted(batch, blob.id());
    batch.count(-1, -blob.size());
    if (blob instanceof BlobRecord.Small) {
      batch.delete(database.small(), BlobKeys.id(blob.id()));
      batch.afterWrite(() -> reclaim.deleted(blob.size()));
    } else {
      batch.afterWrite(() -> readers.deleted(blob.id()));
    }
  }
}

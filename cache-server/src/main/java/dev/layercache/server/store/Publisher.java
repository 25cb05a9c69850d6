package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/** Makes uploaded bytes visible as blobs: the last step of every upload. Thread-safe. */
final class Publisher {
  /** About what the rows of a blob take in the log. */
  private static final int ROWS = 512;

  private final Database database;
  private final GroupCommit commits;
  private final FileKeeper files;
  private final BlobIds ids;
  private final PresenceCache presence;
  private final AbsenceFilter absent;
  private final SpaceGuard space;
  private final UploadJournal journal;
  private final UseTimes uses;
  private final RecentUses recent;

  Publisher(
      Database database,
      GroupCommit commits,
      FileKeeper files,
      BlobIds ids,
      PresenceCache presence,
      AbsenceFilter absent,
      SpaceGuard space,
      UploadJournal journal,
      UseTimes uses,
      RecentUses recent) {
    this.database = database;
    this.commits = commits;
    this.files = files;
    this.ids = ids;
    this.presence = presence;
    this.absent = absent;
    this.space = space;
    this.journal = journal;
    this.uses = uses;
    this.recent = recent;
  }

  /**
   * Stores a blob as one value. Durable and visible when this returns.
   *
   * @param journaled the upload, when the journal has it and is to forget it in the same write
   */
  void publishSmall(byte[] bytes, UploadHash.Digests digests, Optional<UploadId> journaled)
      throws IOException {
    if (bytes.length == 0 && journaled.isEmpty()) {
      return;
    }
    long id = ids.take();
    try (var room = space.takeForLog(bytes.length + ROWS)) {
      commits.commit(
          batch -> {
            if (journaled.isPresent()) {
              journal.forget(journaled.get(), batch);
            }
            if (bytes.length > 0) {
              putSmall(batch, bytes, digests, id);
            }
            return true;
          });
    }
  }

  /**
   * Moves the finished segments of an upload into the database. Durable and visible when this
   * returns.
   */
  void publishLarge(UploadId upload, SegmentedUpload bytes, UploadHash.Digests digests, long size)
      throws IOException {
    boolean there = database.record(BlobKeys.record(digests.sha256())).isPresent();
    if (there && commitLarge(upload, bytes.blobId(), List.of(), digests, size)) {
      return;
    }
    commitLarge(upload, bytes.blobId(), ingest(bytes.blobId(), bytes), digests, size);
  }

  private void putSmall(Batch batch, byte[] bytes, UploadHash.Digests digests, long id)
      throws IOException, RocksDBException {
    boolean there = batch.record(digests.sha256()).isPresent();
    used(digests.sha256(), there);
    if (!there) {
      batch.put(database.small(), BlobKeys.id(id), bytes);
      putRecord(batch, digests.sha256(), new BlobRecord.Small(id, bytes.length), id, bytes.length);
    }
    putAlias(batch, digests);
  }

  /**
   * @param segments ingested ones; none when the blob was there a moment ago
   * @return whether the blob is stored now
   */
  private boolean commitLarge(
      UploadId upload, long id, List<Segment> segments, UploadHash.Digests digests, long size)
      throws IOException {
    return commits.commit(
        batch -> {
          boolean there = batch.record(digests.sha256()).isPresent();
          if (!there && segments.isEmpty()) {
            return false;
          }
          used(digests.sha256(), there);
          journal.forget(upload, batch);
          putAlias(batch, digests);
          if (!there) {
            putRecord(batch, digests.sha256(), new BlobRecord.Large(id, size, segments), id, size);
          } else if (!segments.isEmpty()) {
            batch.afterWrite(() -> files.drop(id));
          }
          return true;
        });
  }

  private List<Segment> ingest(long id, SegmentedUpload bytes) throws IOException {
    var staged = bytes.complete();
    var numbers = files.ingest(id, bytes.files());
    var segments = new ArrayList<Segment>(staged.size());
    for (int i = 0; i < staged.size(); i++) {
      segments.add(staged.get(i).inFile(numbers.get(i)));
    }
    return segments;
  }

  private void putRecord(Batch batch, Digest digest, BlobRecord blob, long id, long size)
      throws RocksDBException {
    batch.putRecord(digest, blob);
    batch.put(database.ids(), BlobKeys.id(id), BlobKeys.record(digest));
    uses.stored(batch, id);
    batch.count(1, size);
    // Before the write: no look after one that found the blob may say that it is absent.
    absent.stored(digest);
    batch.afterWrite(() -> presence.stored(digest, size));
  }

  /** On the committer's thread, so that an eviction of the same blob sees it. */
  private void used(Digest digest, boolean there) {
    recent.used(digest, recent.now());
    if (there) {
      uses.used(digest, uses.hour());
    }
  }

  private void putAlias(Batch batch, UploadHash.Digests digests)
      throws IOException, RocksDBException {
    if (digests.sha512().isPresent() && batch.record(digests.sha512().get()).isEmpty()) {
      byte[] canonical = BlobKeys.record(digests.sha256());
      batch.putRecord(digests.sha512().get(), new BlobRecord.Alias(canonical));
      batch.put(database.aliases(), canonical, BlobKeys.record(digests.sha512().get()));
    }
  }
}

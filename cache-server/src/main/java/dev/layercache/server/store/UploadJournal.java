package dev.layercache.server.store;

import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * What is finished of unfinished uploads, so that they can be resumed after a restart. Thread-safe.
 */
final class UploadJournal {
  private final Database database;
  private final GroupCommit commits;
  private final Path staging;

  UploadJournal(Database database, GroupCommit commits, Path staging) {
    this.database = database;
    this.commits = commits;
    this.staging = staging;
  }

  /**
   * An upload as the journal has it.
   *
   * @param segments the finished ones, whose file numbers count from 0
   */
  record Entry(UploadId id, long blobId, Instant updated, List<Segment> segments) {
    byte[] encode() {
      var out = ByteBuffer.allocate(8 + 8 + 4 + segments.size() * 24);
      out.putLong(blobId).putLong(updated.toEpochMilli());
      BlobRecord.putSegments(out, segments);
      return out.array();
    }

    static Entry decode(byte[] key, byte[] value) {
      var in = ByteBuffer.wrap(value);
      return new Entry(
          new UploadId(new String(key, StandardCharsets.US_ASCII)),
          in.getLong(),
          Instant.ofEpochMilli(in.getLong()),
          BlobRecord.getSegments(in));
    }
  }

  /** Where the file of a segment is until it is ingested. */
  Path file(long blobId, long number) {
    return staging.resolve("%d-%d.sst".formatted(blobId, number));
  }

  /** Makes finished segments findable after a crash, of all these uploads in one write. */
  void save(List<Entry> entries) throws IOException {
    DataDirectory.sync(staging);
    commits.commit(
        batch -> {
          for (var entry : entries) {
            batch.put(database.uploads(), key(entry.id), entry.encode());
          }
          return true;
        });
  }

  /** Forgets an upload that was aborted. */
  void forget(UploadId id) throws IOException {
    commits.commit(
        batch -> {
          batch.delete(database.uploads(), key(id));
          return true;
        });
  }

  /** Forgets an upload in the same write that publishes its blob. */
  void forget(UploadId id, Batch batch) throws RocksDBException {
    batch.delete(database.uploads(), key(id));
  }

  /** Removes the staged files of an upload. */
  void deleteFiles(Entry entry) throws IOException {
    for (var segment : entry.segments) {
      Files.deleteIfExists(file(entry.blobId, segment.file()));
    }
  }

  /** Everything in the journal; read once, at start. */
  List<Entry> load() {
    var all = new ArrayList<Entry>();
    try (RocksIterator entries = database.rocks().newIterator(database.uploads())) {
      for (entries.seekToFirst(); entries.isValid(); entries.next()) {
        all.add(Entry.decode(entries.key(), entries.value()));
      }
    }
    return all;
  }

  private static byte[] key(UploadId id) {
    return id.value().getBytes(StandardCharsets.US_ASCII);
  }
}

package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The changes of one group on their way into one synced write. Used by the committer's thread only.
 * Between {@link #begin} and {@link #keep} or {@link #undo} it collects one caller's changes.
 */
final class Batch implements AutoCloseable {
  private final Database database;
  private final Counters counters;
  private final PresenceCache presence;
  private final LongConsumer logged;
  private final WriteBatch batch = new WriteBatch();
  private final Map<Digest, Optional<BlobRecord>> keptRecords = new HashMap<>();
  private final Map<Digest, Optional<BlobRecord>> pendingRecords = new HashMap<>();
  private final List<Runnable> afterWrite = new ArrayList<>();
  private Counters.Delta delta = Counters.Delta.NONE;
  private Counters.Delta pending = Counters.Delta.NONE;
  private int keptCallbacks;

  /**
   * @param presence is told of deletions
   * @param logged is told how many bytes were written
   */
  Batch(Database database, Counters counters, PresenceCache presence, LongConsumer logged) {
    this.database = database;
    this.counters = counters;
    this.presence = presence;
    this.logged = logged;
  }

  void begin() {
    batch.setSavePoint();
    pending = Counters.Delta.NONE;
    pendingRecords.clear();
    keptCallbacks = afterWrite.size();
  }

  void keep() {
    try {
      batch.popSavePoint();
    } catch (RocksDBException e) {
      throw new IllegalStateException("no save point", e);
    }
    keptRecords.putAll(pendingRecords);
    delta = delta.plus(pending);
  }

  void undo() {
    try {
      batch.rollbackToSavePoint();
    } catch (RocksDBException e) {
      throw new IllegalStateException("no save point", e);
    }
    afterWrite.subList(keptCallbacks, afterWrite.size()).clear();
  }

  long bytes() {
    return batch.getDataSize();
  }

  void put(ColumnFamilyHandle family, byte[] key, byte[] value) throws RocksDBException {
    batch.put(family, key, value);
  }

  void delete(ColumnFamilyHandle family, byte[] key) throws RocksDBException {
    batch.delete(family, key);
  }

  /** The record of a digest as the changes before this one leave it. */
  Optional<BlobRecord> record(Digest digest) throws IOException {
    var changed = pendingRecords.getOrDefault(digest, keptRecords.get(digest));
    return changed != null ? changed : database.record(BlobKeys.record(digest));
  }

  void putRecord(Digest digest, BlobRecord blob) throws RocksDBException {
    batch.put(database.records(), BlobKeys.record(digest), blob.encode());
    pendingRecords.put(digest, Optional.of(blob));
  }

  void deleteRecord(Digest digest) throws RocksDBException {
    batch.delete(database.records(), BlobKeys.record(digest));
    pendingRecords.put(digest, Optional.empty());
  }

  /** Counts {@code blobs} and {@code bytes} more, or fewer. */
  void count(long blobs, long bytes) {
    pending = pending.plus(new Counters.Delta(blobs, bytes));
  }

  /**
   * Runs on the committer's thread once the change is durable and visible, before its caller is
   * told.
   */
  void afterWrite(Runnable action) {
    afterWrite.add(action);
  }

  void write() throws BlobException {
    // With what is said after the write: a blob that the group stored and then deleted must not be
    // remembered.
    try (var deletion = presence.deleting(deletedRecords())) {
      writeDurably();
      counters.apply(delta);
      afterWrite.forEach(Runnable::run);
    }
  }

  private List<Digest> deletedRecords() {
    return keptRecords.entrySet().stream()
        .filter(record -> record.getValue().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  private void writeDurably() throws BlobException {
    try {
      if (!delta.equals(Counters.Delta.NONE)) {
        batch.put(database.counters(), Counters.KEY, counters.encodeAfter(delta));
      }
      if (batch.count() > 0) {
        database.rocks().write(database.durable(), batch);
      }
    } catch (RocksDBException e) {
      throw RocksErrors.of("durable write", e);
    } finally {
      // Some of a write that failed may be there.
      logged.accept(batch.getDataSize());
    }
  }

  @Override
  public void close() {
    batch.close();
  }
}

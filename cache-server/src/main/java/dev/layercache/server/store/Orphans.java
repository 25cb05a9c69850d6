package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops ingested files that belong to no blob. A file and the record that makes it a blob are not
 * written atomically, so a crash can leave them. Looks at the list of files that RocksDB has in
 * memory, and at the records as they were at the start: what has none then, and belongs to no
 * upload that goes on, nobody can be reading, and nobody will ever name, since ids are not used
 * twice. So a start need not wait for it.
 */
final class Orphans implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Orphans.class);

  private final Database database;
  private final FileKeeper files;
  private final Set<Long> uploading;
  private final long firstNewId;
  private final Snapshot start;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * To be made before anything is stored or deleted. Drops at once what was ingested of uploads
   * that go on: they do that again, and the same keys twice would never be freed.
   *
   * @param firstNewId the least id that was not given out before this start
   */
  Orphans(
      Database database, FileKeeper files, List<UploadJournal.Entry> resumable, long firstNewId) {
    this.database = database;
    this.files = files;
    this.uploading =
        resumable.stream()
            .filter(entry -> !entry.segments().isEmpty())
            .map(UploadJournal.Entry::blobId)
            .collect(Collectors.toSet());
    this.firstNewId = firstNewId;
    uploading.forEach(files::drop);
    this.start = database.rocks().getSnapshot();
    this.thread = Thread.ofPlatform().name("layercache-orphans").daemon().unstarted(this::dropAll);
  }

  /** Looks in the background. */
  void dropSoon() {
    thread.start();
  }

  /** Looks now; called once, and not with {@link #dropSoon}. */
  void dropAll() {
    int dropped = 0;
    try (var atStart = new ReadOptions().setSnapshot(start)) {
      for (int family = 0; family < Database.CHUNK_FAMILIES; family++) {
        for (long id : ids(database.chunkFamily(family))) {
          if (closed) {
            return;
          }
          if (id < firstNewId && !uploading.contains(id) && isOrphan(id, atStart)) {
            files.drop(id);
            dropped++;
          }
        }
      }
    } finally {
      database.rocks().releaseSnapshot(start);
    }
    if (dropped > 0) {
      log.info("dropped files of {} blobs that were not published before the last stop", dropped);
    }
  }

  /** Stops looking; after this no native call of it runs. */
  @Override
  public void close() throws TimeoutException {
    closed = true;
    Shutdown.join(thread);
  }

  private Set<Long> ids(ColumnFamilyHandle family) {
    var ids = new TreeSet<Long>();
    for (var level : database.rocks().getColumnFamilyMetaData(family).levels()) {
      for (var file : level.files()) {
        ids.add(ByteBuffer.wrap(file.smallestKey()).getLong());
      }
    }
    return ids;
  }

  private boolean isOrphan(long id, ReadOptions atStart) {
    try {
      return database.rocks().get(database.ids(), atStart, BlobKeys.id(id)) == null;
    } catch (RocksDBException e) {
      // Nothing is dropped of which it is not known that nobody needs it.
      log.error("files of blob id {} are kept: {}", id, e.getMessage());
      return false;
    }
  }
}

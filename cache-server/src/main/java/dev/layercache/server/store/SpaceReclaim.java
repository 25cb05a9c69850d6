package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.FlushOptions;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees what deleted small blobs still take: their bytes lie in files with those of others. A pass
 * compacts the index of these files, which tells what is deleted and drops files that hold nothing
 * else; when much is left, it has the live bytes of the oldest files written anew, no more of them
 * than the budget spares for that. One thread; a pass is followed by a pause as long as itself.
 * Large blobs need none of this: their files are dropped whole. Thread-safe.
 */
final class SpaceReclaim implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SpaceReclaim.class);
  private static final Duration LEAST_PAUSE = Duration.ofMillis(50);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

  /** Live bytes are moved while more than one byte in so many is a deleted one. */
  private static final int TOLERATED = 10;

  /** The index is compacted in steps of this many bytes, so that little of it is there twice. */
  private static final long STEP_BYTES = 64L << 20;

  private static final int MAX_STEPS = 64;

  private final Database database;
  private final DatabaseShare share;
  private final Semaphore wanted = new Semaphore(0);
  private final AtomicLong deleted = new AtomicLong();
  private final CompactRangeOptions shallow;
  private final CompactRangeOptions deep;
  private final Thread thread;
  private volatile boolean closed;
  private volatile long worthwhile;

  SpaceReclaim(Database database, DatabaseShare share) {
    this.database = database;
    this.share = share;
    this.worthwhile = share.relocated() / 4;
    this.shallow = options(BottommostLevelCompaction.kIfHaveCompactionFilter);
    this.deep = options(BottommostLevelCompaction.kForceOptimized);
    this.thread = Thread.ofPlatform().name("layercache-reclaim").daemon().start(this::run);
  }

  private static CompactRangeOptions options(BottommostLevelCompaction bottom) {
    return new CompactRangeOptions()
        .setExclusiveManualCompaction(false)
        .setMaxSubcompactions(1)
        .setBottommostLevelCompaction(bottom);
  }

  /** Asks for it; does not wait. */
  void request() {
    if (wanted.availablePermits() == 0) {
      wanted.release();
    }
  }

  /** A small blob of so many bytes was deleted. */
  void deleted(long bytes) {
    if (deleted.addAndGet(bytes) >= worthwhile) {
      request();
    }
  }

  /** Ends what is under way; after this no native call of it runs. */
  @Override
  public void close() {
    closed = true;
    shallow.setCanceled(true);
    deep.setCanceled(true);
    thread.interrupt();
    try {
      if (thread.join(CLOSE_PATIENCE)) {
        shallow.close();
        deep.close();
      } else {
        log.warn("small blobs are still being compacted after {}", CLOSE_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed) {
      try {
        wanted.acquire();
        wanted.drainPermits();
        long start = System.nanoTime();
        pass();
        long took = System.nanoTime() - start;
        TimeUnit.NANOSECONDS.sleep(Math.max(LEAST_PAUSE.toNanos(), took));
      } catch (InterruptedException e) {
        return;
      } catch (RocksDBException e) {
        if (!closed) {
          log.warn("deleted small blobs still take space: {}", e.getMessage());
        }
      }
    }
  }

  private void pass() throws RocksDBException {
    if (deleted.getAndSet(0) > 0) {
      try (var flush = new FlushOptions().setWaitForFlush(true)) {
        database.rocks().flush(flush, database.small());
      }
      compact(shallow);
    }
    long stored = property("rocksdb.total-blob-file-size");
    worthwhile = share.relocated() / 4 + stored / 32;
    if (property("rocksdb.live-blob-file-garbage-size") > stored / TOLERATED) {
      relocate();
    }
  }

  /** Has the live bytes of the oldest files written anew, so that those go. */
  private void relocate() throws RocksDBException {
    var files = blobFiles();
    int oldest = 0;
    long bytes = 0;
    for (long size : files.values()) {
      if (oldest > 0 && bytes + size > share.relocated()) {
        break;
      }
      bytes += size;
      oldest++;
    }
    // Half a file more, so that rounding does not lose one.
    setRelocation(true, Math.min(1, (oldest + 0.5) / files.size()));
    try {
      compact(deep);
    } finally {
      setRelocation(false, 0);
    }
  }

  private void setRelocation(boolean on, double ofFiles) throws RocksDBException {
    var options =
        MutableColumnFamilyOptions.builder()
            .setEnableBlobGarbageCollection(on)
            .setBlobGarbageCollectionAgeCutoff(ofFiles)
            .build();
    database.rocks().setOptions(database.small(), options);
  }

  /** Sizes by file number: the oldest first. */
  private Map<Long, Long> blobFiles() {
    var files = new TreeMap<Long, Long>();
    database
        .files()
        .forEach(
            (path, size) -> {
              String name = path.substring(path.lastIndexOf('/') + 1);
              if (name.endsWith(".blob")) {
                files.put(Long.parseLong(name.substring(0, name.indexOf('.'))), size);
              }
            });
    return files;
  }

  private void compact(CompactRangeOptions options) throws RocksDBException {
    var small = database.small();
    long first;
    long last;
    try (var rows = database.rocks().newIterator(small)) {
      rows.seekToFirst();
      first = rows.isValid() ? ByteBuffer.wrap(rows.key()).getLong() : 0;
      rows.seekToLast();
      last = rows.isValid() ? ByteBuffer.wrap(rows.key()).getLong() : Long.MAX_VALUE / 2;
    }
    long steps =
        Math.clamp(property("rocksdb.total-sst-files-size") / STEP_BYTES + 1, 1, MAX_STEPS);
    long step = (last - first) / steps + 1;
    // From the very first id: what was deleted may lie before what is still there.
    byte[] from = BlobKeys.id(0);
    for (int i = 1; i <= steps && !closed; i++) {
      byte[] to = BlobKeys.id(first + i * step);
      database.rocks().compactRange(small, from, to, options);
      from = to;
    }
  }

  private long property(String name) throws RocksDBException {
    return database.rocks().getLongProperty(database.small(), name);
  }
}

package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees what deleted small blobs still take: their bytes lie in files with those of others, which
 * only a compaction rewrites. Goes through the ids in steps, so that the rewritten files of one
 * step are all that is on disk twice. One thread, at most once in half a minute; requests meanwhile
 * are one. Large blobs need none of this: their files are dropped whole. Thread-safe.
 */
final class SpaceReclaim implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SpaceReclaim.class);
  private static final Duration PAUSE = Duration.ofSeconds(30);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);
  private static final int STEPS = 16;

  private final Database database;
  private final Semaphore wanted = new Semaphore(0);
  private final CompactRangeOptions options;
  private final Thread thread;
  private volatile boolean closed;

  SpaceReclaim(Database database) {
    this.database = database;
    this.options =
        new CompactRangeOptions().setExclusiveManualCompaction(false).setMaxSubcompactions(1);
    this.thread = Thread.ofPlatform().name("layercache-reclaim").daemon().start(this::run);
  }

  /** Asks for it; does not wait. */
  void request() {
    if (wanted.availablePermits() == 0) {
      wanted.release();
    }
  }

  /** Ends what is under way; after this no native call of it runs. */
  @Override
  public void close() {
    closed = true;
    options.setCanceled(true);
    thread.interrupt();
    try {
      if (thread.join(CLOSE_PATIENCE)) {
        options.close();
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
        compact();
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
      } catch (InterruptedException e) {
        return;
      } catch (RocksDBException e) {
        if (!closed) {
          log.warn("deleted small blobs still take space: {}", e.getMessage());
        }
      }
    }
  }

  private void compact() throws RocksDBException {
    var small = database.small();
    try (var flush = new FlushOptions().setWaitForFlush(true)) {
      database.rocks().flush(flush, small);
    }
    long first;
    long last;
    try (var rows = database.rocks().newIterator(small)) {
      rows.seekToFirst();
      first = rows.isValid() ? ByteBuffer.wrap(rows.key()).getLong() : 0;
      rows.seekToLast();
      last = rows.isValid() ? ByteBuffer.wrap(rows.key()).getLong() : Long.MAX_VALUE / 2;
    }
    long step = (last - first) / STEPS + 1;
    // From the very first id: what was deleted may lie before what is still there.
    byte[] from = BlobKeys.id(0);
    for (int i = 1; i <= STEPS && !closed; i++) {
      byte[] to = BlobKeys.id(first + i * step);
      database.rocks().compactRange(small, from, to, options);
      from = to;
    }
  }
}

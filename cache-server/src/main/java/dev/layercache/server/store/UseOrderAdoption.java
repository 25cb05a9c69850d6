package dev.layercache.server.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives every blob of a store that is older than the order of last use a place in it: the current
 * hour. Runs once in the life of a store, in the background; a start does not wait for it, and one
 * that is interrupted begins anew.
 */
final class UseOrderAdoption implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UseOrderAdoption.class);
  private static final byte[] DONE = "use-order".getBytes(StandardCharsets.US_ASCII);
  private static final int AT_ONCE = 256;
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

  private final Database database;
  private final GroupCommit commits;
  private final UseTimes uses;
  private final Thread thread;
  private volatile boolean closed;

  UseOrderAdoption(Database database, GroupCommit commits, UseTimes uses) {
    this.database = database;
    this.commits = commits;
    this.uses = uses;
    this.thread = Thread.ofPlatform().name("layercache-adoption").daemon().start(this::run);
  }

  @Override
  public void close() {
    closed = true;
    try {
      if (!thread.join(CLOSE_PATIENCE)) {
        log.warn("older blobs are still being looked through after {}", CLOSE_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      if (database.get(database.counters(), DONE).isEmpty()) {
        adoptAll();
      }
    } catch (IOException | RocksDBException e) {
      log.warn("older blobs are not in the order of last use yet: {}", e.getMessage());
    }
  }

  private record Row(byte[] key, BlobRecord blob) {}

  private void adoptAll() throws IOException, RocksDBException {
    var slice = new ArrayList<Row>();
    try (var rows = database.rocks().newIterator(database.records())) {
      for (rows.seekToFirst(); rows.isValid() && !closed; rows.next()) {
        slice.add(new Row(rows.key(), BlobRecord.decode(rows.value())));
        if (slice.size() == AT_ONCE) {
          adopt(slice);
          slice.clear();
        }
      }
      rows.status();
    }
    adopt(slice);
    if (!closed) {
      commits.commit(
          batch -> {
            batch.put(database.counters(), DONE, new byte[0]);
            return true;
          });
    }
  }

  private void adopt(List<Row> rows) throws IOException {
    commits.commit(
        batch -> {
          for (var row : rows) {
            switch (row.blob()) {
              case BlobRecord.Alias alias ->
                  batch.put(database.aliases(), alias.canonical(), row.key());
              case BlobRecord.Stored blob -> {
                if (database.get(database.uses(), BlobKeys.id(blob.id())).isEmpty()) {
                  uses.stored(batch, blob.id());
                }
              }
            }
          }
          return true;
        });
  }
}

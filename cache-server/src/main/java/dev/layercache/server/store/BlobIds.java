package dev.layercache.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.rocksdb.RocksDBException;

/**
 * Gives out blob ids, each once for all time: the end of a block of ids is durable before the first
 * of them is used. An id that was ingested twice would land above the last level, where deleting
 * whole files does not reach. Thread-safe.
 */
final class BlobIds {
  private static final byte[] KEY = "next-id".getBytes(StandardCharsets.US_ASCII);
  private static final long BLOCK = 1 << 16;

  private final Database database;
  private final long firstNew;
  private long next;
  private long end;

  BlobIds(Database database) throws IOException {
    this.database = database;
    this.firstNew =
        database
            .get(database.counters(), KEY)
            .map(value -> ByteBuffer.wrap(value).getLong())
            .orElse(1L);
    this.next = firstNew;
    this.end = firstNew;
  }

  /** Every id that was given out before this start is less, unless the log was damaged. */
  long firstNew() {
    return firstNew;
  }

  synchronized long take() throws IOException {
    if (next == end) {
      long reserved = end + BLOCK;
      try {
        database
            .rocks()
            .put(
                database.counters(),
                database.durable(),
                KEY,
                ByteBuffer.allocate(8).putLong(reserved).array());
      } catch (RocksDBException e) {
        throw RocksErrors.of("reserving blob ids", e);
      }
      end = reserved;
    }
    return next++;
  }
}

package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLongArray;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows of most absent blobs that they are absent, so that asking for a hundred new ones does not
 * cost a hundred database reads. A Bloom filter of one 64-byte block for each digest, over the
 * SHA-256 records. It is filled in the background after a start, and until then claims nothing;
 * blobs stored meanwhile are added as they come. Deleted blobs stay in it until the next start:
 * they cost a database read, no more.
 *
 * <p>16 bits for each blob of twice as many as there were at the start, and at least for a million
 * (2 MiB). Thread-safe.
 */
final class AbsenceFilter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AbsenceFilter.class);
  private static final long MIN_CAPACITY = 1 << 20;
  private static final long MAX_CAPACITY = 1 << 28;
  private static final int BLOCK_WORDS = 8;
  private static final int BITS_PER_BLOB = 16;
  private static final int PROBES = 5;
  private static final int SHA256_KEY = 33;

  private final Database database;
  private final AtomicLongArray words;
  private final int blockMask;
  private final Thread filler;
  private volatile boolean complete;
  private volatile boolean closed;

  /**
   * @param blobs how many there are now
   */
  AbsenceFilter(Database database, long blobs) {
    this.database = database;
    long capacity = Math.clamp(2 * blobs, MIN_CAPACITY, MAX_CAPACITY);
    int blocks =
        Math.toIntExact(Long.highestOneBit(capacity * BITS_PER_BLOB / Long.SIZE / BLOCK_WORDS));
    this.words = new AtomicLongArray(blocks * BLOCK_WORDS);
    this.blockMask = blocks - 1;
    this.filler = Thread.ofPlatform().name("layercache-filter").daemon().start(this::fill);
  }

  /** Whether the blob is absent for sure. */
  boolean isAbsent(Digest digest) {
    return complete
        && digest.algorithm() == DigestAlgorithm.SHA256
        && !contains(digest.word(0), digest.word(1));
  }

  /** A blob is about to be stored; to be called before anybody can find it. */
  void stored(Digest digest) {
    if (digest.algorithm() == DigestAlgorithm.SHA256) {
      add(digest.word(0), digest.word(1));
    }
  }

  /** Stops filling; after this no native call of the filter runs. */
  @Override
  public void close() throws TimeoutException {
    closed = true;
    Shutdown.join(filler);
  }

  private void fill() {
    try (var options = new ReadOptions().setFillCache(false);
        var records = database.rocks().newIterator(database.records(), options)) {
      for (records.seekToFirst(); records.isValid() && !closed; records.next()) {
        byte[] key = records.key();
        if (key.length == SHA256_KEY) {
          add(word(key, 1), word(key, 9));
        }
      }
      records.status();
      complete = !closed;
    } catch (RocksDBException e) {
      log.warn(
          "records cannot be listed, absent blobs are looked up one by one: {}", e.getMessage());
    }
  }

  private void add(long block, long bits) {
    int base = ((int) block & blockMask) * BLOCK_WORDS;
    long rest = bits;
    for (int i = 0; i < PROBES; i++) {
      long bit = 1L << (rest & 63);
      words.accumulateAndGet(base + (int) (rest >>> 6 & 7), bit, (now, set) -> now | set);
      rest >>>= 9;
    }
  }

  private boolean contains(long block, long bits) {
    int base = ((int) block & blockMask) * BLOCK_WORDS;
    long rest = bits;
    for (int i = 0; i < PROBES; i++) {
      if ((words.get(base + (int) (rest >>> 6 & 7)) & 1L << (rest & 63)) == 0) {
        return false;
      }
      rest >>>= 9;
    }
    return true;
  }

  private static long word(byte[] key, int from) {
    long value = 0;
    for (int i = from; i < from + Long.BYTES; i++) {
      value = value << 8 | (key[i] & 0xff);
    }
    return value;
  }
}

package dev.layercache.server.store;

import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksObject;
import org.rocksdb.SstFileManager;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The opened RocksDB: its column families by name and the options that they live under. Owns every
 * native object it made; {@link #close} frees them in reverse order. Thread-safe as RocksDB is.
 */
final class Database implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  /**
   * Chunks are spread over this many column families: ingestion and eviction slow down with the
   * number of files in one (at 100,000 files in one, 130 ms and 53 ms; over 64, 5 ms and 1.2 ms).
   */
  static final int CHUNK_FAMILIES = 64;

  private final Deque<RocksObject> owned = new ArrayDeque<>();
  private final RocksDB db;

  /** Recovers by itself from a full disk once there is room again, and counts the files' bytes. */
  private final SstFileManager fileManager = own(new SstFileManager(Env.getDefault()));

  private final List<ColumnFamilyHandle> handles = new ArrayList<>();
  private final ColumnFamilyHandle[] chunks = new ColumnFamilyHandle[CHUNK_FAMILIES];
  private final Map<Table, ColumnFamilyHandle> tables = new EnumMap<>(Table.class);
  private final ColumnFamilyHandle counters;
  private final ColumnFamilyHandle small;
  private final ColumnFamilyHandle records;
  private final ColumnFamilyHandle ids;
  private final ColumnFamilyHandle uploads;
  private final ColumnFamilyHandle uses;
  private final ColumnFamilyHandle useOrder;
  private final ColumnFamilyHandle aliases;
  private final WriteOptions durable;

  private Database(Path directory, StoreOptions bounds, AbstractEventListener listener)
      throws RocksDBException {
    var share = DatabaseShare.of(bounds.budgetBytes());
    var families = new Families(bounds.databaseBytes() / 2, share);
    var options = own(options(bounds, share, listener));
    db = RocksDB.open(options, directory.toString(), families.descriptors, handles);
    handles.forEach(this::own);
    var byName = new ArrayDeque<>(handles);
    counters = byName.removeFirst();
    records = byName.removeFirst();
    ids = byName.removeFirst();
    small = byName.removeFirst();
    uploads = byName.removeFirst();
    uses = byName.removeFirst();
    useOrder = byName.removeFirst();
    aliases = byName.removeFirst();
    for (var table : Table.values()) {
      tables.put(table, byName.removeFirst());
    }
    for (int i = 0; i < CHUNK_FAMILIES; i++) {
      chunks[i] = byName.removeFirst();
    }
    durable = own(new WriteOptions().setSync(true));
  }

  /**
   * Opens the database in {@code directory}, creating what is missing.
   *
   * @param bounds its memory and open files
   * @param listener is told of ingested files; stays the caller's, and must outlive this
   * @throws IOException if it cannot be opened; nothing is left open
   */
  static Database open(Path directory, StoreOptions bounds, AbstractEventListener listener)
      throws IOException {
    try {
      return new Database(directory, bounds, listener);
    } catch (RocksDBException e) {
      if (String.valueOf(e.getMessage()).contains("Column families not opened")) {
        throw new IOException(
            "database in %s was written by a newer layercache (%s); nothing was changed: upgrade, or use another directory"
                .formatted(directory, e.getMessage()),
            e);
      }
      throw new IOException(
          "database in %s cannot be opened: %s (restore a backup, or start on an empty directory)"
              .formatted(directory, e.getMessage()),
          e);
    }
  }

  RocksDB rocks() {
    return db;
  }

  /** Synced on every write: what is acknowledged survives power loss. */
  WriteOptions durable() {
    return durable;
  }

  /** Numbers of the store itself: the next id, how much is stored. */
  ColumnFamilyHandle counters() {
    return counters;
  }

  /** Digest to {@link BlobRecord}. */
  ColumnFamilyHandle records() {
    return records;
  }

  /** Blob id to the key of its record. */
  ColumnFamilyHandle ids() {
    return ids;
  }

  /** Blob id to the bytes of a small blob. */
  ColumnFamilyHandle small() {
    return small;
  }

  /** Upload id to what is finished of it. */
  ColumnFamilyHandle uploads() {
    return uploads;
  }

  /** Blob id to the hour of its last use. */
  ColumnFamilyHandle uses() {
    return uses;
  }

  /** (hour of the last use, blob id): the order of eviction. */
  ColumnFamilyHandle useOrder() {
    return useOrder;
  }

  /** Record key of a blob to that of its other name. */
  ColumnFamilyHandle aliases() {
    return aliases;
  }

  ColumnFamilyHandle table(Table table) {
    return Optional.ofNullable(tables.get(table)).orElseThrow();
  }

  /**
   * Where the chunks of a blob are. Sixteen ids in a row share a family, so that uploads which run
   * side by side, and have neighbouring ids, are ingested by one call.
   */
  ColumnFamilyHandle chunks(long id) {
    return chunks[family(id)];
  }

  /** One of the {@link #CHUNK_FAMILIES}. */
  ColumnFamilyHandle chunkFamily(int index) {
    return chunks[index];
  }

  static int family(long id) {
    return (int) ((id >>> 4) % CHUNK_FAMILIES);
  }

  /**
   * Bytes of the tables' and blobs' files, those that wait to be deleted included; not of those
   * that were ingested since the start.
   */
  long fileBytes() {
    return fileManager.getTotalSize();
  }

  /** The files of {@link #fileBytes} by path. */
  Map<String, Long> files() {
    return fileManager.getTrackedFiles();
  }

  /** Reads a value; empty when there is none. */
  Optional<byte[]> get(ColumnFamilyHandle family, byte[] key) throws IOException {
    try {
      return Optional.ofNullable(db.get(family, key));
    } catch (RocksDBException e) {
      throw RocksErrors.of("reading from the database", e);
    }
  }

  /**
   * The record under a key. One in a damaged block counts as absent: its blob is missing, and
   * whoever sends it again writes the record anew.
   */
  Optional<BlobRecord> record(byte[] key) throws IOException {
    try {
      return Optional.ofNullable(db.get(records, key)).map(BlobRecord::decode);
    } catch (RocksDBException e) {
      if (RocksErrors.isCorruption(e)) {
        log.error("a record cannot be read, its blob is missing: {}", e.getMessage());
        return Optional.empty();
      }
      throw RocksErrors.of("reading from the database", e);
    }
  }

  /** Spares the next start the reading of the log; that it could not be done loses nothing. */
  private void flush() {
    try (var options = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
      db.flush(options, List.copyOf(handles));
    } catch (RocksDBException e) {
      log.warn("the log was not flushed, so the next start reads it: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    flush();
    // Handles before the database, options after it.
    while (owned.peekLast() instanceof ColumnFamilyHandle
        || owned.peekLast() instanceof WriteOptions) {
      owned.removeLast().close();
    }
    db.close();
    while (!owned.isEmpty()) {
      owned.removeLast().close();
    }
  }

  private <T extends RocksObject> T own(T object) {
    owned.addLast(object);
    return object;
  }

  private DBOptions options(
      StoreOptions bounds, DatabaseShare share, AbstractEventListener listener)
      throws RocksDBException {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setSstFileManager(fileManager)
        .setListeners(List.of(listener))
        .setMaxOpenFiles(bounds.openFiles())
        .setDbWriteBufferSize(bounds.databaseBytes() / 2)
        .setMaxFileOpeningThreads(8)
        .setSkipStatsUpdateOnDbOpen(true)
        .setMaxBackgroundJobs(2)
        .setMaxTotalWalSize(share.log())
        .setAllowFAllocate(DatabaseShare.allocatesAhead(bounds.budgetBytes()))
        .setMaxManifestFileSize(share.manifest())
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(share.infoLog())
        .setKeepLogFileNum(4)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  /**
   * The column families in the order in which they are opened. Names are on disk: never rename or
   * reuse one.
   */
  private final class Families {
    final List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();

    private final DatabaseShare share;

    Families(long cacheBytes, DatabaseShare share) {
      this.share = share;
      Cache cache = own(new LRUCache(cacheBytes));
      var filter = own(new BloomFilter(10, false));
      var small = metadata(cache, filter).setEnableBlobFiles(true).setMinBlobSize(4 << 10);
      // Live bytes are moved by SpaceReclaim alone, which knows how much is spared for that.
      small.setEnableBlobGarbageCollection(false).setBlobFileSize(share.blobFile());
      var rows = own(metadata(cache, filter));
      add("default", rows);
      add("blobs", rows);
      add("ids", rows);
      add("small", own(small));
      add("uploads", rows);
      add("uses", rows);
      add("use-order", rows);
      add("aliases", rows);
      for (var table : Table.values()) {
        add(table.columnFamily(), rows);
      }
      var chunk = own(chunk());
      for (int i = 0; i < CHUNK_FAMILIES; i++) {
        add("chunk-%02d".formatted(i), chunk);
      }
    }

    private void add(String name, ColumnFamilyOptions options) {
      descriptors.add(
          new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.US_ASCII), options));
    }

    private ColumnFamilyOptions metadata(Cache cache, BloomFilter filter) {
      return new ColumnFamilyOptions()
          .setWriteBufferSize(share.writeBuffer())
          .setMaxBytesForLevelBase(share.levelBase())
          .setTargetFileSizeBase(share.tableFile())
          .setLevelCompactionDynamicLevelBytes(true)
          .setCompressionType(CompressionType.NO_COMPRESSION)
          .setTableFormatConfig(
              new BlockBasedTableConfig()
                  .setBlockCache(cache)
                  .setFilterPolicy(filter)
                  .setBlockSize(8 << 10)
                  .setFormatVersion(6));
    }

    /**
     * Only ever ingested into: no compaction, no block cache (the page cache is one), no write
     * buffer to speak of.
     */
    private ColumnFamilyOptions chunk() {
      return new ColumnFamilyOptions()
          .setWriteBufferSize(64 << 10)
          .setDisableAutoCompactions(true)
          .setCompressionType(CompressionType.NO_COMPRESSION)
          .setTableFormatConfig(SegmentWriter.tableFormat());
    }
  }
}

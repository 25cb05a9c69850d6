package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.SpaceBudget;
import dev.layercache.server.integrity.BlobInventory;
import dev.layercache.server.metadata.MetadataStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.ReadOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A data directory, opened: blobs and metadata in one RocksDB. Thread-safe. Whoever opened it
 * closes it, after every reader and upload it gave out; open uploads stay resumable. Closing either
 * of its stores closes it all.
 */
public final class RocksStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RocksStore.class);

  /** Chunk buffers that are kept while no upload uses them: 16 MiB. */
  private static final int IDLE_CHUNKS = 64;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final BlobStore blobs;
  private final MetadataStore metadata;
  private final BlobInventory inventory;
  private final Quarantine quarantine;
  private final Backup backup;
  private final BlobEviction eviction;
  private final Budget budget;

  private RocksStore(Path directory, StoreOptions options, Clock clock) throws IOException {
    try {
      var data = own(DataDirectory.open(directory));
      // A fixed place: what is unpacked into the temp directory stays there when the process is
      // killed.
      NativeLibraryLoader.getInstance().loadLibrary(data.nativeLibrary().toString());
      var logs = LogCheck.of(data.database());
      logs.forEach(found -> log.error("damage in {}: {}", found.where(), found.why()));
      var ingested = own(new FileKeeper.Ingested());
      var database = own(Database.open(data.database(), options, ingested));
      var readOptions = own(new ReadOptions().setVerifyChecksums(true));
      var counters = new Counters(usage(database));
      var reclaim = own(new SpaceReclaim(database, DatabaseShare.of(options.budgetBytes())));
      budget =
          new Budget(
              options.budgetBytes(),
              new DiskUse(database, ingested, counters, data, options.reserveBytes())::measure,
              options.roomPatience(),
              reclaim::request);
      var space = new SpaceGuard(data.root(), options.reserveBytes(), budget);
      var presence = new PresenceCache(options.presenceEntries());
      var commits =
          own(
              new GroupCommit(
                  group -> new Batch(database, counters, presence, budget::logged),
                  options.patience()));
      var files = own(new FileKeeper(database, ingested, options.patience()));
      var journal = new UploadJournal(database, commits, data.staging());
      var resumable = new Recovery(journal, data.staging()).resumable();
      var ids = new BlobIds(database);
      if (logs.isEmpty()) {
        own(new Orphans(database, files, resumable, ids.firstNew())).dropSoon();
      } else {
        // The newest ids may be among what was lost: before any is given out again.
        new Orphans(database, files, resumable, Long.MAX_VALUE).dropAll();
      }
      var absent = own(new AbsenceFilter(database, counters.now().blobs()));
      var permits = own(new Permits(options.permits(), options.patience()));
      var recent = new RecentUses(clock, 2 * options.presenceEntries());
      var uses = own(new UseTimes(database, commits, clock));
      own(new UseOrderAdoption(database, commits, uses));
      var publisher =
          new Publisher(
              database, commits, files, ids, presence, absent, space, journal, uses, recent);
      var segments =
          new SegmentedUpload.Settings(
              new DirectBuffers(SegmentWriter.BUFFER, SegmentLayout.PAGE, IDLE_CHUNKS),
              SegmentWriter.isDirectPossible(data.staging()),
              Math.min(options.segmentBytes(), SegmentWriter.MAX_SEGMENT));
      var uploads =
          own(new Uploads(options, clock, ids, publisher, permits, segments, space, journal));
      uploads.restore(resumable);
      var readers = new OpenReaders(files::drop);
      var deletion = new BlobDeletion(database, readers, uses, reclaim);
      eviction = new RocksEviction(database, commits, uses, recent, deletion);
      metadata = new RocksMetadataStore(database, commits, space);
      quarantine = new Quarantine(database, clock);
      backup = new Backup(database, files, data.root());
      var stored =
          new RocksBlobStore(
              database,
              commits,
              counters,
              presence,
              absent,
              uploads,
              permits,
              readers,
              quarantine,
              deletion,
              uses,
              recent,
              options.patience(),
              readOptions,
              data.database(),
              this);
      blobs = stored;
      inventory =
          new RocksInventory(
              database,
              stored,
              quarantine,
              new RecordCheck(database, commits, readers, permits, logs),
              permits);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens the store in {@code directory}, creating it if need be.
   *
   * @throws IOException if the directory is in use, of a newer version, not a store, or damaged;
   *     nothing is left open
   */
  public static RocksStore open(Path directory, StoreOptions options, Clock clock)
      throws IOException {
    return new RocksStore(directory, options, clock);
  }

  public BlobStore blobs() {
    return blobs;
  }

  public MetadataStore metadata() {
    return metadata;
  }

  /** What is stored, for checks. */
  public BlobInventory inventory() {
    return inventory;
  }

  /** The order of last use. */
  public BlobEviction eviction() {
    return eviction;
  }

  /** What the store may take on disk, and takes. */
  public SpaceBudget budget() {
    return budget;
  }

  /**
   * Tells of every blob that was found damaged and is missing from now on, so that it can be
   * fetched again.
   *
   * @param listener must neither block nor throw
   */
  public void onQuarantine(Consumer<Digest> listener) {
    quarantine.tell(listener);
  }

  /**
   * Copies the store as it is now into a directory that a server can be started on. Takes seconds,
   * during which large blobs wait to be committed.
   *
   * @param directory absolute, new or empty, on the volume of the data directory
   * @throws IOException if it cannot be; says why, and leaves nothing there
   */
  public void backup(Path directory) throws IOException {
    backup.to(directory);
  }

  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      try {
        opened.removeLast().close();
      } catch (TimeoutException e) {
        // What still runs uses the database: freeing it now would end the process. Every
        // acknowledged write is on disk already.
        log.error("store was not closed: {}", e.getMessage());
        opened.clear();
      } catch (Exception e) {
        log.warn("store was not closed cleanly", e);
      }
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    opened.addLast(part);
    return part;
  }

  private static Counters.Delta usage(Database database) throws IOException {
    return database
        .get(database.counters(), Counters.KEY)
        .map(Counters.Delta::decode)
        .orElse(Counters.Delta.NONE);
  }
}

package dev.layercache.server.store;

import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.ExternalFileIngestionInfo;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.TableFileDeletionInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves finished segment files into the database, and drops the files of deleted blobs. One thread
 * does both: an ingestion stalls every other writer of the database, so all files of a moment go in
 * by one call for each column family.
 */
final class FileKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FileKeeper.class);
  private static final int MAX_GROUP = 64;

  private static final int MAX_QUEUED = 1 << 16;

  private final BlockingQueue<Job> queue = new ArrayBlockingQueue<>(MAX_QUEUED);

  private final Database database;
  private final Ingested ingested;
  private final Duration patience;
  private final Thread thread;
  private volatile boolean closed;

  FileKeeper(Database database, Ingested ingested, Duration patience) {
    this.database = database;
    this.ingested = ingested;
    this.patience = patience;
    this.thread = Thread.ofPlatform().name("layercache-files").start(this::run);
  }

  /**
   * Hears from RocksDB which number it gave to an ingested file, and counts the bytes of those that
   * are there: RocksDB's own count ({@link Database#fileBytes}) has ingested files only from the
   * next start on. Takes some 100 bytes of heap for each. Thread-safe. Freed by whoever made it,
   * after the database.
   */
  static final class Ingested extends AbstractEventListener {
    static {
      // The first native object that a store makes.
      RocksDB.loadLibrary();
    }

    private final Map<String, Long> numbers = new ConcurrentHashMap<>();
    private final Map<Long, Long> sizes = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

    Ingested() {
      super(
          EnabledEventCallback.ON_EXTERNAL_FILE_INGESTED,
          EnabledEventCallback.ON_TABLE_FILE_DELETED);
    }

    /** Bytes of files that were ingested since the start and not deleted, or are being ingested. */
    long bytes() {
      return bytes.get();
    }

    @Override
    public void onExternalFileIngested(RocksDB db, ExternalFileIngestionInfo info) {
      Path file = Path.of(info.getInternalFilePath());
      long number = number(file);
      numbers.put(info.getExternalFilePath(), number);
      try {
        long size = Files.size(file);
        sizes.put(number, size);
        bytes.addAndGet(size);
      } catch (IOException e) {
        log.warn("{} is not counted in the budget until the next start", file, e);
      }
    }

    @Override
    public void onTableFileDeleted(TableFileDeletionInfo info) {
      var size = sizes.remove(number(Path.of(info.getFilePath())));
      if (size != null) {
        bytes.addAndGet(-size);
      }
    }

    private static long number(Path file) {
      String name = file.getFileName().toString();
      return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    /** Counts files from before they are moved until RocksDB has told of them. */
    private long begin(List<Path> files) throws IOException {
      long sum = 0;
      for (Path file : files) {
        sum += Files.size(file);
      }
      bytes.addAndGet(sum);
      return sum;
    }

    private void end(long begun) {
      bytes.addAndGet(-begun);
    }

    private long take(Path file) {
      var number = numbers.remove(file.toString());
      return number == null ? -1 : number;
    }
  }

  /**
   * Moves the files of one blob into the database, all or none.
   *
   * @return for each file the number that it has there; -1 when unknown
   */
  List<Long> ingest(long id, List<Path> files) throws IOException {
    var job = new Job.Ingest(id, List.copyOf(files), new CompletableFuture<>());
    if (closed) {
      throw new UnavailableException("the store is closing");
    }
    try {
      if (!queue.offer(job, patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new UnavailableException(
            "%d files are waiting to be ingested or dropped; try again".formatted(MAX_QUEUED));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while a blob was ingested", e);
    }
    return await(job.done, patience, "ingesting a blob");
  }

  private static <T> T await(CompletableFuture<T> done, Duration atMost, String what)
      throws IOException {
    try {
      return done.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(what + " was interrupted", e);
    } catch (TimeoutException e) {
      throw new UnavailableException(
          "%s took more than %d ms".formatted(what, atMost.toMillis()), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RocksDBException failure
          ? RocksErrors.of(what, failure)
          : new UnavailableException("%s failed: %s".formatted(what, e.getCause()), e);
    }
  }

  /**
   * Frees the space of a blob that nobody can find or reads any more; soon, not now. Waits while
   * 65,536 others are queued, so that deletion is no faster than the disk.
   */
  void drop(long id) {
    try {
      if (queue.offer(new Job.Drop(id), patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.warn("files of blob id {} stay until the next start: too many are being dropped", id);
  }

  /** Something to do while no file is ingested or dropped. */
  @FunctionalInterface
  interface Task {
    void run() throws RocksDBException;
  }

  /**
   * Runs a task between two ingestions.
   *
   * @param atMost how long it may take
   */
  void runAlone(Task task, Duration atMost) throws IOException {
    var job = new Job.Alone(task, new CompletableFuture<>());
    if (closed || !queue.offer(job)) {
      throw new UnavailableException("the store is closing, or too much is queued");
    }
    await(job.done, atMost, "a task on all files");
  }

  /** Finishes what is queued, then stops. */
  @Override
  public void close() throws TimeoutException {
    closed = true;
    thread.interrupt();
    Shutdown.join(thread);
  }

  private void run() {
    var group = new ArrayList<Job>(MAX_GROUP);
    while (!closed || !queue.isEmpty()) {
      try {
        group.add(queue.take());
      } catch (InterruptedException e) {
        continue;
      }
      queue.drainTo(group, MAX_GROUP - 1);
      work(group);
      group.clear();
    }
  }

  private void work(List<Job> group) {
    var byFamily = new HashMap<Integer, List<Job.Ingest>>();
    for (var job : group) {
      switch (job) {
        case Job.Drop drop -> dropFiles(drop.id);
        case Job.Alone alone -> runTask(alone);
        case Job.Ingest ingest ->
            byFamily
                .computeIfAbsent(Database.family(ingest.id), family -> new ArrayList<>())
                .add(ingest);
      }
    }
    byFamily.values().forEach(this::ingestTogether);
  }

  private static void runTask(Job.Alone job) {
    try {
      job.task.run();
      job.done.complete(true);
    } catch (RocksDBException | RuntimeException e) {
      job.done.completeExceptionally(e);
    }
  }

  private void ingestTogether(List<Job.Ingest> jobs) {
    try {
      ingestFiles(jobs);
    } catch (RocksDBException | IOException e) {
      if (jobs.size() == 1) {
        jobs.getFirst().done.completeExceptionally(e);
        return;
      }
      // One bad file fails the whole call: each on its own, then.
      jobs.forEach(job -> ingestTogether(List.of(job)));
      return;
    }
    for (var job : jobs) {
      job.done.complete(job.files.stream().map(ingested::take).toList());
    }
  }

  private void ingestFiles(List<Job.Ingest> jobs) throws RocksDBException, IOException {
    var files = jobs.stream().flatMap(job -> job.files.stream()).toList();
    long begun = ingested.begin(files);
    try (var options =
        new IngestExternalFileOptions()
            .setMoveFiles(true)
            .setSnapshotConsistency(false)
            .setAllowGlobalSeqNo(true)
            .setWriteGlobalSeqno(false)) {
      var paths = files.stream().map(Path::toString).toList();
      database.rocks().ingestExternalFile(database.chunks(jobs.getFirst().id), paths, options);
    } finally {
      ingested.end(begun);
    }
  }

  private void dropFiles(long id) {
    try {
      database
          .rocks()
          .deleteFilesInRanges(
              database.chunks(id), List.of(BlobKeys.id(id), BlobKeys.id(id + 1)), false);
    } catch (RocksDBException e) {
      // The blob has no record any more, so the next start drops its files.
      log.warn("files of blob id {} could not be dropped: {}", id, e.getMessage());
    }
  }

  private sealed interface Job {
    record Ingest(long id, List<Path> files, CompletableFuture<List<Long>> done) implements Job {}

    record Drop(long id) implements Job {}

    record Alone(Task task, CompletableFuture<Boolean> done) implements Job {}
  }
}

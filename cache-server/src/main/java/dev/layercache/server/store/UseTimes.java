package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UsePosition;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the hour of each blob's last use, and the blobs in that order. A use is noted in memory and
 * written in batches by a thread of its own, once a minute or when many have come: what a crash
 * forgets is the last minute. Thread-safe.
 */
final class UseTimes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UseTimes.class);
  private static final Duration FLUSH = Duration.ofMinutes(1);
  private static final int MAX_NOTED = 1 << 16;
  private static final int AT_ONCE = 256;
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

  private final Database database;
  private final GroupCommit commits;
  private final Clock clock;
  private final Map<Digest, Integer> noted = new ConcurrentHashMap<>();
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  UseTimes(Database database, GroupCommit commits, Clock clock) {
    this.database = database;
    this.commits = commits;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("layercache-uses").daemon().start(this::run);
  }

  /** The current hour. */
  int hour() {
    return UsePosition.hourOf(clock.instant());
  }

  /**
   * A blob is used. Never blocks: when more uses come than can be written, this one is forgotten,
   * and the blob seems older than it is.
   */
  void used(Digest digest, int hour) {
    int size = noted.size();
    if (size < MAX_NOTED) {
      noted.merge(digest, hour, Math::max);
    }
    if (size >= MAX_NOTED / 2 && wake.availablePermits() == 0) {
      wake.release();
    }
  }

  /** A blob is stored, in the same write as its record. */
  void stored(Batch batch, long id) throws RocksDBException {
    int hour = hour();
    batch.put(database.uses(), BlobKeys.id(id), BlobKeys.hour(hour));
    batch.put(database.useOrder(), BlobKeys.use(new UsePosition(hour, id)), NOTHING);
  }

  /** A blob is deleted, in the same write as its record. */
  void deleted(Batch batch, long id) throws IOException, RocksDBException {
    var hour = database.get(database.uses(), BlobKeys.id(id));
    if (hour.isPresent()) {
      batch.delete(database.uses(), BlobKeys.id(id));
      var position = new UsePosition(BlobKeys.hour(hour.get()), id);
      batch.delete(database.useOrder(), BlobKeys.use(position));
    }
  }

  /** The hour of the last use of a blob. */
  OptionalInt lastUse(Digest digest, long id) throws IOException {
    var written = database.get(database.uses(), BlobKeys.id(id));
    var fresh = noted.get(digest);
    if (written.isEmpty()) {
      return fresh == null ? OptionalInt.empty() : OptionalInt.of(fresh);
    }
    int hour = BlobKeys.hour(written.get());
    return OptionalInt.of(fresh == null ? hour : Math.max(hour, fresh));
  }

  /** Whether a use that is not written yet moves the blob out of {@code hour}. */
  boolean isNotedAfter(int hour, Digest digest) {
    var fresh = noted.get(digest);
    return fresh != null && fresh > hour;
  }

  /** Writes down what was noted until now. */
  synchronized void flush() throws IOException {
    var slice = new HashMap<Digest, Integer>();
    for (var use : noted.entrySet()) {
      slice.put(use.getKey(), use.getValue());
      if (slice.size() == AT_ONCE) {
        write(slice);
        slice.clear();
      }
    }
    write(slice);
  }

  /** Moves blobs forward to {@code hour}. */
  synchronized void moveTo(int hour, List<Digest> digests) throws IOException {
    var slice = new HashMap<Digest, Integer>();
    digests.forEach(digest -> slice.put(digest, hour));
    write(slice);
  }

  @Override
  public void close() {
    closed = true;
    wake.release();
    try {
      if (!thread.join(CLOSE_PATIENCE)) {
        log.warn("last uses are still being written after {}", CLOSE_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final byte[] NOTHING = new byte[0];

  private record Move(long id, Optional<Integer> from, int to) {}

  /** Reads here, so that the committer's thread only writes. */
  private void write(Map<Digest, Integer> uses) throws IOException {
    var moves = new ArrayList<Move>(uses.size());
    for (var use : uses.entrySet()) {
      move(use.getKey(), use.getValue()).ifPresent(moves::add);
    }
    if (!moves.isEmpty()) {
      commits.commit(
          batch -> {
            for (var move : moves) {
              apply(batch, move);
            }
            return true;
          });
    }
    uses.forEach(noted::remove);
  }

  private Optional<Move> move(Digest digest, int hour) throws IOException {
    var record = database.record(BlobKeys.record(digest));
    if (record.isEmpty() || !(record.get() instanceof BlobRecord.Stored stored)) {
      return Optional.empty();
    }
    long id = stored.id();
    var from = database.get(database.uses(), BlobKeys.id(id)).map(BlobKeys::hour);
    return from.isPresent() && from.get() >= hour
        ? Optional.empty()
        : Optional.of(new Move(id, from, hour));
  }

  /** A blob that was deleted meanwhile leaves a row behind, which the next walk removes. */
  private void apply(Batch batch, Move move) throws RocksDBException {
    if (move.from().isPresent()) {
      var old = new UsePosition(move.from().get(), move.id());
      batch.delete(database.useOrder(), BlobKeys.use(old));
    }
    batch.put(database.uses(), BlobKeys.id(move.id()), BlobKeys.hour(move.to()));
    batch.put(database.useOrder(), BlobKeys.use(new UsePosition(move.to(), move.id())), NOTHING);
  }

  private void run() {
    boolean last = false;
    while (!last) {
      last = closed;
      try {
        if (!last && wake.tryAcquire(FLUSH.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
        flush();
      } catch (IOException e) {
        log.warn("{} last uses could not be written: {}", noted.size(), e.getMessage());
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}

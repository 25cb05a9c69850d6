package dev.layercache.server.fill;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.OutOfRangeException;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Blobs that are stored, or can be copied in from a slower place: one fill for each blob, however
 * many want it.
 *
 * <p>A fill belongs to nobody who waits for it. Readers follow the bytes already stored, each at
 * its own pace and offset, at most one chunk behind; the last chunk is withheld until the digest is
 * verified. A stream that breaks is opened again where it broke, which readers do not notice. When
 * the last reader has gone, the fill goes on for {@link FillLimits#grace}, then it stops and leaves
 * its bytes for the next one, as a restart of the process does.
 *
 * <p>Thread-safe; the methods block on disk and network.
 */
public final class Fills implements AutoCloseable {
  /** A task that is stopped waits for nothing longer than a durable write. */
  private static final Duration UNTIL_STOPPED = Duration.ofSeconds(30);

  private final BlobStore store;
  private final FillLimits limits;
  private final Clock clock;
  private final FillSlots slots;
  private final Map<String, FillCounters> counters = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Digest, FillTask> tasks = new HashMap<>();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("fill-", 0).factory());
  private boolean closed;

  /**
   * @param store takes the blobs; must outlive this
   * @param clock tells how long nobody wanted a fill
   */
  public Fills(BlobStore store, FillLimits limits, Clock clock) {
    this.store = store;
    this.limits = limits;
    this.clock = clock;
    this.slots = new FillSlots(limits);
  }

  /**
   * Opens a range of a blob: from the store, or from the fill that this begins or joins.
   *
   * @param origin where to get it when it is not stored. When others fill the same blob already,
   *     theirs is used, and this one if theirs fails
   * @return a reader that the caller closes; empty when the blob is neither stored nor at the
   *     origin. Its reads throw what made the fill fail, in the middle of the blob if need be
   * @throws OutOfRangeException if the range starts behind the end of the blob
   * @throws UnavailableException if the origin cannot say now, gives wrong bytes, or too many fills
   *     wait; with {@link UnavailableException#retryAfter} where that is known
   */
  public Optional<BlobReader> open(Digest digest, ByteRange range, BlobOrigin origin)
      throws IOException {
    var counted = counters(origin.group());
    var stored = openStored(digest, range, counted);
    (stored.isPresent() ? counted.hits : counted.misses).increment();
    if (stored.isPresent()) {
      return stored;
    }
    var fill = join(digest, origin);
    boolean handedOver = false;
    try {
      var size = fill.awaitHeader(limits.headerWait());
      if (size.isPresent() && size.getAsLong() >= 0) {
        var following = follow(fill, new BlobInfo(digest, size.getAsLong()), range);
        if (following.isPresent()) {
          handedOver = true;
          return Optional.of(new CountedReader(following.get(), counted.bytesServed));
        }
      }
      return openEnded(fill, range, counted);
    } finally {
      if (!handedOver) {
        fill.release();
      }
    }
  }

  /**
   * What is known of a blob that is stored, being filled or at the origin. Begins a fill only when
   * the origin does not say how large the blob is.
   *
   * @return empty when the blob is neither stored nor at the origin
   * @throws UnavailableException as {@link #open}
   */
  public Optional<BlobInfo> stat(Digest digest, BlobOrigin origin) throws IOException {
    var stored = store.stat(digest);
    if (stored.isPresent()) {
      return stored;
    }
    long filling = sizeOfRunning(digest);
    if (filling >= 0) {
      return Optional.of(new BlobInfo(digest, filling));
    }
    var there = origin.size(digest);
    if (there.isEmpty()) {
      return Optional.empty();
    }
    if (there.getAsLong() >= 0) {
      return Optional.of(new BlobInfo(digest, there.getAsLong()));
    }
    try (var prefetch = prefetch(digest, origin)) {
      return prefetch.await();
    }
  }

  /**
   * Begins to store a blob that nobody reads yet, or joins its fill.
   *
   * @return to be closed by the caller, once it is done or not wanted any more
   * @throws UnavailableException if too many fills wait
   */
  public Prefetch prefetch(Digest digest, BlobOrigin origin) throws IOException {
    return new Prefetch(join(digest, origin), limits.stall());
  }

  /** What was asked so far, one for each group of origins, in the order of their names. */
  public List<FillStatistics> statistics() {
    return counters.entrySet().stream()
        .map(entry -> entry.getValue().snapshot(entry.getKey()))
        .sorted(Comparator.comparing(FillStatistics::group))
        .toList();
  }

  /**
   * Stops all fills, which leave their bytes for later ones, and takes no further one. Waits for
   * them, 30 seconds at most. Idempotent.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      tasks.values().forEach(FillTask::stop);
    } finally {
      lock.unlock();
    }
    threads.shutdown();
    try {
      if (!threads.awaitTermination(UNTIL_STOPPED.toMillis(), TimeUnit.MILLISECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private Optional<BlobReader> openStored(Digest digest, ByteRange range, FillCounters counted)
      throws IOException {
    return store.open(digest, range).map(reader -> new CountedReader(reader, counted.bytesServed));
  }

  /** Empty when the fill has just ended. */
  private Optional<BlobReader> follow(Fill fill, BlobInfo info, ByteRange range)
      throws IOException {
    range.lengthIn(info.size());
    var follower = store.follow(fill.uploadId(), range.offset(), limits.stall());
    return follower.isEmpty()
        ? Optional.empty()
        : Optional.of(new FillReader(fill, info, range, store, follower.get(), limits.stall()));
  }

  private Optional<BlobReader> openEnded(Fill fill, ByteRange range, FillCounters counted)
      throws IOException {
    return switch (fill.awaitEnd(limits.stall())) {
      case FillOutcome.Stored stored -> {
        var reader = openStored(fill.digest(), range, counted);
        if (reader.isEmpty()) {
          throw new UnavailableException(
              "%s was stored and deleted at once".formatted(fill.digest()));
        }
        yield reader;
      }
      case FillOutcome.Absent absent -> Optional.empty();
      case FillOutcome.Failed failed -> throw failed.why();
    };
  }

  /** The fill of a blob, wanted once for the caller. */
  private Fill join(Digest digest, BlobOrigin origin) throws UnavailableException {
    lock.lock();
    try {
      var running = tasks.get(digest);
      if (running != null && running.fill().want(origin)) {
        return running.fill();
      }
      requireRoom();
      var fill = new Fill(digest, clock, limits.grace());
      fill.want(origin);
      var task = new FillTask(fill, store, limits, slots, this::counters);
      tasks.put(digest, task);
      threads.execute(() -> run(task));
      return fill;
    } finally {
      lock.unlock();
    }
  }

  private void requireRoom() throws UnavailableException {
    if (closed) {
      throw new UnavailableException("the server is stopping");
    }
    int most = limits.maxFills() + limits.maxQueued();
    if (tasks.size() >= most) {
      throw new UnavailableException(
          "%d fills run or wait (expected: fewer than %d)".formatted(tasks.size(), most),
          Duration.ofSeconds(5));
    }
  }

  private void run(FillTask task) {
    try {
      task.run();
    } finally {
      lock.lock();
      try {
        // A fill that took nobody in any more may have a successor by now.
        tasks.remove(task.fill().digest(), task);
      } finally {
        lock.unlock();
      }
    }
  }

  private long sizeOfRunning(Digest digest) {
    lock.lock();
    try {
      var running = tasks.get(digest);
      return running == null ? -1 : running.fill().size();
    } finally {
      lock.unlock();
    }
  }

  private FillCounters counters(String group) {
    return counters.computeIfAbsent(group, name -> new FillCounters());
  }
}

package dev.layercache.server.store;

import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.BlobTooLargeException;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.TooManyUploadsException;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All unfinished uploads. Thread-safe. */
final class Uploads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);
  private static final Duration SWEEP = Duration.ofSeconds(1);

  private final Map<UploadId, StagedUpload> open = new ConcurrentHashMap<>();
  private final StoreOptions options;
  private final Clock clock;
  private final BlobIds ids;
  private final Publisher publisher;
  private final SegmentedUpload.Context segments;
  private final HeapBytes.Budget heap;
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("layercache-uploads").daemon().unstarted(task));
  private volatile boolean closed;

  Uploads(
      StoreOptions options,
      Clock clock,
      BlobIds ids,
      Publisher publisher,
      Permits permits,
      SegmentedUpload.Settings settings,
      SpaceGuard space,
      UploadJournal journal) {
    this.options = options;
    this.clock = clock;
    this.ids = ids;
    this.publisher = publisher;
    this.heap = new HeapBytes.Budget(options.smallBufferBytes());
    var slots = new WriterSlots(options.maxWriters(), options.patience(), this::parkQuietest);
    this.segments = new SegmentedUpload.Context(permits, settings, slots, space, journal);
    long sweep = Math.min(SWEEP.toMillis(), Math.max(10, options.idleAfter().toMillis() / 4));
    sweeper.scheduleWithFixedDelay(this::parkIdle, sweep, sweep, TimeUnit.MILLISECONDS);
  }

  /** Takes over what the journal has from before a restart. */
  void restore(List<UploadJournal.Entry> entries) {
    for (var entry : entries) {
      open.put(entry.id(), new StagedUpload(entry, this));
    }
  }

  BlobUpload begin(UploadHint hint) throws IOException {
    if (hint.size().isPresent() && hint.size().getAsLong() > options.maxBlobBytes()) {
      throw new BlobTooLargeException(hint.size().getAsLong(), options.maxBlobBytes());
    }
    segments.space().require(hint.size().orElse(0));
    requireRoom();
    var id = hint.id().orElseGet(UploadId::random);
    var fresh = new StagedUpload(id, hint, this, now());
    // The journal must have forgotten the earlier one before there is another of its name.
    find(id).ifPresent(StagedUpload::abort);
    if (open.putIfAbsent(id, fresh) != null) {
      throw new UnavailableException("upload %s is begun by two clients at once".formatted(id));
    }
    return fresh
        .takeOver(now())
        .orElseThrow(() -> new UnavailableException("upload %s was aborted at once".formatted(id)));
  }

  Optional<BlobUpload> resume(UploadId id) throws IOException {
    requireOpen();
    var upload = open.get(id);
    return upload == null ? Optional.empty() : upload.takeOver(now()).map(handle -> handle);
  }

  Optional<StagedUpload> find(UploadId id) {
    return Optional.ofNullable(open.get(id));
  }

  List<UploadInfo> list(int most) {
    return open.values().stream()
        .map(StagedUpload::info)
        .sorted(Comparator.comparing(UploadInfo::updated))
        .limit(most)
        .toList();
  }

  int expire(Instant before) {
    int expired = 0;
    for (var upload : open.values()) {
      if (upload.expire(before)) {
        expired++;
      }
    }
    return expired;
  }

  long count() {
    return open.size();
  }

  @Override
  public void close() throws TimeoutException {
    closed = true;
    sweeper.shutdown();
    Shutdown.await(
        "layercache-uploads", nanos -> sweeper.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    saveOpen();
  }

  // What an upload asks of the rest of the store.

  Instant now() {
    return clock.instant();
  }

  long maxBlobBytes() {
    return options.maxBlobBytes();
  }

  int smallBlobBytes() {
    return options.smallBlobBytes();
  }

  SegmentedUpload.Context segmentContext() {
    return segments;
  }

  long takeBlobId() throws IOException {
    return ids.take();
  }

  HeapBytes.Budget heapBudget() {
    return heap;
  }

  void publishSmall(byte[] bytes, UploadHash.Digests digests, Optional<UploadId> journaled)
      throws IOException {
    publisher.publishSmall(bytes, digests, journaled);
  }

  void publishLarge(UploadId upload, SegmentedUpload bytes, UploadHash.Digests digests, long size)
      throws IOException {
    publisher.publishLarge(upload, bytes, digests, size);
  }

  void ended(StagedUpload upload, boolean forget) {
    open.remove(upload.id(), upload);
    if (forget) {
      try {
        segments.journal().forget(upload.id());
      } catch (IOException e) {
        cleanUpFailed(upload.id(), e);
      }
    }
  }

  void cleanUpFailed(UploadId id, IOException why) {
    log.warn(
        "upload {} left something behind, which the next start removes: {}", id, why.getMessage());
  }

  private void saveOpen() {
    var entries = new ArrayList<UploadJournal.Entry>();
    for (var upload : open.values()) {
      try {
        upload.suspend().ifPresent(entries::add);
      } catch (IOException e) {
        log.warn("upload {} cannot be resumed: {}", upload.id(), e.getMessage());
      }
    }
    try {
      segments.journal().save(entries);
    } catch (IOException e) {
      log.warn("{} uploads cannot be resumed: {}", entries.size(), e.getMessage());
    }
  }

  private void parkIdle() {
    var quietSince = now().minus(options.idleAfter());
    for (var upload : open.values()) {
      try {
        upload.parkIfQuiet(quietSince);
      } catch (IOException | RuntimeException e) {
        log.warn("idle upload {} could not be parked: {}", upload.id(), e.getMessage());
      }
    }
  }

  private boolean parkQuietest() {
    return open.values().stream()
        .filter(StagedUpload::holdsWriter)
        // Each is asked once: an order that changes while it is made is none.
        .map(upload -> new Quiet(upload, upload.updated()))
        .sorted(Comparator.comparing(Quiet::since))
        .limit(16)
        .anyMatch(quiet -> park(quiet.upload()));
  }

  private record Quiet(StagedUpload upload, Instant since) {}

  private boolean park(StagedUpload upload) {
    try {
      return upload.parkIfQuiet(Instant.MAX);
    } catch (IOException e) {
      log.warn("upload {} could not be parked: {}", upload.id(), e.getMessage());
      return false;
    }
  }

  private void requireRoom() throws BlobException {
    requireOpen();
    if (open.size() >= options.maxUploads()) {
      throw new TooManyUploadsException(open.size(), options.maxUploads());
    }
  }

  private void requireOpen() throws UnavailableException {
    if (closed) {
      throw new UnavailableException("the store is closing");
    }
  }
}

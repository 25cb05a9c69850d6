package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobTooLargeException;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.UploadGoneException;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One unfinished upload, whoever holds it at the moment: bytes on the heap while it is small, in
 * segments once it is not. Thread-safe; every method takes the upload's lock. Handles name the
 * epoch in which they got hold of it, so that a later one fences them off.
 */
final class StagedUpload {
  /**
   * An upload that is announced as large begins its file with this many bytes or more: below it, a
   * writer costs more than the copy that it saves, and one that drips would take it from others.
   */
  private static final int FILE_BEGINS = 64 << 10;

  private final UploadId id;
  private final UploadHint hint;
  private final Uploads owner;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final UploadHash hash;

  private final HeapBytes heap;
  private @Nullable SegmentedUpload segments;
  private UploadJournal.@Nullable Entry unread;
  private State state = State.OPEN;
  private Optional<Digest> committed = Optional.empty();
  private volatile Instant updated;

  /** Whether there is a writer to let go of; written under the lock. */
  private volatile boolean holdsWriter;

  private int epoch;
  private boolean held;

  /** Whether the journal may have an entry of it that the end must remove. */
  private boolean journaled;

  private enum State {
    OPEN,
    COMMITTING,
    COMMITTED,
    ABORTED
  }

  StagedUpload(UploadId id, UploadHint hint, Uploads owner, Instant now) {
    this.id = id;
    this.hint = hint;
    this.owner = owner;
    this.hash = new UploadHash(hint.digest());
    this.heap = new HeapBytes(owner.heapBudget());
    this.updated = now;
  }

  /** An upload from before a restart. */
  StagedUpload(UploadJournal.Entry entry, Uploads owner) {
    this(entry.id(), UploadHint.NONE, owner, entry.updated());
    this.unread = entry;
    this.journaled = true;
  }

  UploadId id() {
    return id;
  }

  UploadInfo info() {
    lock.lock();
    try {
      return new UploadInfo(id, bytesTaken(), updated);
    } finally {
      lock.unlock();
    }
  }

  Instant updated() {
    return updated;
  }

  /** Whether it holds a segment writer at the moment. */
  boolean holdsWriter() {
    return holdsWriter;
  }

  /** Gets hold of the upload; whoever had it loses it. Empty when it has ended. */
  Optional<UploadHandle> takeOver(Instant now) throws IOException {
    lock.lock();
    try {
      if (state != State.OPEN) {
        return Optional.empty();
      }
      if (unread != null && !unread.segments().isEmpty()) {
        segments = SegmentedUpload.restore(unread, owner.segmentContext(), hash);
      }
      unread = null;
      updated = now;
      held = true;
      return Optional.of(new UploadHandle(this, ++epoch));
    } finally {
      lock.unlock();
    }
  }

  void release(int handleEpoch) {
    lock.lock();
    try {
      if (handleEpoch == epoch) {
        held = false;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Bytes taken so far; after the end, what there were then. */
  long position() {
    lock.lock();
    try {
      return bytesTaken();
    } finally {
      lock.unlock();
    }
  }

  int write(int handleEpoch, ByteBuffer source) throws IOException {
    lock.lock();
    try {
      requireHeld(handleEpoch);
      updated = owner.now();
      int length = source.remaining();
      long size = bytesTaken() + length;
      if (size > owner.maxBlobBytes()) {
        end(State.ABORTED);
        throw new BlobTooLargeException(size, owner.maxBlobBytes());
      }
      append(source);
      changed.signalAll();
      return length;
    } catch (OutOfSpaceException e) {
      end(State.ABORTED);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  BlobInfo commit(int handleEpoch, Digest expected) throws IOException {
    lock.lock();
    try {
      requireHeld(handleEpoch);
      long size = bytesTaken();
      var kept = segments;
      if (kept != null) {
        kept.complete();
      } else {
        hash.update(heap.view());
      }
      var digests = digests(expected);
      var actual = digests.by(expected.algorithm());
      if (!actual.equals(expected)) {
        throw new DigestMismatchException(expected, actual, size);
      }
      state = State.COMMITTING;
      if (kept != null) {
        owner.publishLarge(this, kept, digests, size);
      } else {
        owner.publishSmall(heap.copy(), digests, journaled ? Optional.of(id) : Optional.empty());
      }
      committed = Optional.of(digests.sha256());
      end(State.COMMITTED);
      return new BlobInfo(expected, size);
    } finally {
      if (state != State.COMMITTED && handleEpoch == epoch) {
        end(State.ABORTED);
      }
      lock.unlock();
    }
  }

  void abort(int handleEpoch) {
    lock.lock();
    try {
      if (handleEpoch == epoch) {
        end(State.ABORTED);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Aborts whoever holds it. */
  void abort() {
    lock.lock();
    try {
      end(State.ABORTED);
    } finally {
      lock.unlock();
    }
  }

  /** Aborts if nobody holds it and it was quiet since before {@code before}. */
  boolean expire(Instant before) {
    lock.lock();
    try {
      if (held || state != State.OPEN || !updated.isBefore(before)) {
        return false;
      }
      end(State.ABORTED);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of native objects unless a writer is at work right now. */
  boolean parkIfQuiet(Instant quietSince) throws IOException {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      if (state != State.OPEN
          || segments == null
          || !segments.holdsWriter()
          || updated.isAfter(quietSince)) {
        return false;
      }
      segments.park(owner.now());
      holdsWriter = false;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** On close of the store: fences off the holder and gives what the journal needs to resume it. */
  Optional<UploadJournal.Entry> suspend() throws IOException {
    lock.lock();
    try {
      epoch++;
      if (state != State.OPEN) {
        return Optional.empty();
      }
      if (unread != null) {
        return Optional.of(unread);
      }
      if (segments == null && heap.length() > 0) {
        spill();
      }
      long blobId = segments == null ? 0 : segments.blobId();
      var finished = segments == null ? List.<Segment>of() : segments.complete();
      return Optional.of(new UploadJournal.Entry(id, blobId, updated, finished));
    } finally {
      lock.unlock();
    }
  }

  /**
   * For followers: reads what can be seen at {@code offset}, waiting for it at most {@code
   * patience}.
   *
   * @return what to do next
   */
  FollowerStep follow(long offset, ByteBuffer target, Duration patience) throws IOException {
    lock.lock();
    try {
      long nanos = patience.toNanos();
      while (state != State.ABORTED && state != State.COMMITTED && followable() <= offset) {
        if (nanos <= 0) {
          return new FollowerStep.TimedOut();
        }
        nanos = changed.awaitNanos(nanos);
      }
      return step(offset, target);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new FollowerStep.TimedOut();
    } finally {
      lock.unlock();
    }
  }

  /** What a follower finds. */
  sealed interface FollowerStep {
    /** Bytes were copied into its buffer. */
    record Copied(int bytes) implements FollowerStep {}

    /** Bytes can be read from a staged file, at most up to {@code limit} in the blob. */
    record ReadFile(SegmentedUpload.Place place, long limit) implements FollowerStep {}

    /** The blob is stored: read it there. */
    record Stored(Digest digest) implements FollowerStep {}

    /** The upload was aborted. */
    record Aborted() implements FollowerStep {}

    /** No byte came in time. */
    record TimedOut() implements FollowerStep {}
  }

  private FollowerStep step(long offset, ByteBuffer target) {
    if (state == State.ABORTED) {
      return new FollowerStep.Aborted();
    }
    if (state == State.COMMITTED) {
      return new FollowerStep.Stored(committed.orElseThrow());
    }
    if (segments == null) {
      int length = (int) Math.min(target.remaining(), followable() - offset);
      target.put(heap.view().slice((int) offset, length));
      return new FollowerStep.Copied(length);
    }
    return new FollowerStep.ReadFile(segments.locate(offset), followable());
  }

  private long followable() {
    if (unread != null) {
      return 0;
    }
    if (segments != null) {
      return segments.followable();
    }
    return heap.length() == 0
        ? 0
        : (heap.length() - 1L) / SegmentLayout.CHUNK * SegmentLayout.CHUNK;
  }

  private long bytesTaken() {
    if (unread != null) {
      return unread.segments().isEmpty() ? 0 : unread.segments().getLast().end();
    }
    return segments != null ? segments.position() : heap.length();
  }

  private void requireHeld(int handleEpoch) throws UploadGoneException {
    if (state != State.OPEN) {
      throw new UploadGoneException(id, state == State.COMMITTED ? "was committed" : "was aborted");
    }
    if (handleEpoch != epoch) {
      throw new UploadGoneException(
          id, "was taken over by another connection, or the store is closing");
    }
  }

  private void append(ByteBuffer source) throws IOException {
    if (segments == null
        && (isFileDue(source.remaining()) || !heap.append(source, owner.smallBlobBytes()))) {
      spill();
    }
    if (segments != null) {
      segments.append(source);
      holdsWriter = segments.holdsWriter();
    }
  }

  private boolean isFileDue(int added) {
    return hint.size().isPresent()
        && hint.size().getAsLong() > owner.smallBlobBytes()
        && heap.length() + added >= FILE_BEGINS;
  }

  private void spill() throws IOException {
    var large = new SegmentedUpload(id, owner.takeBlobId(), owner.segmentContext(), hash);
    // The heap keeps its bytes until they are in a chunk: there may be no writer now.
    large.append(heap.view());
    heap.clear();
    segments = large;
  }

  private UploadHash.Digests digests(Digest expected) throws IOException {
    if (hash.knows(expected.algorithm())) {
      return hash.finish();
    }
    var both = new UploadHash(Optional.of(expected));
    if (segments != null) {
      segments.rehash(both);
    } else {
      both.update(heap.view());
    }
    return both.finish();
  }

  private void end(State how) {
    if (state == State.COMMITTED || state == State.ABORTED) {
      return;
    }
    state = how;
    held = false;
    holdsWriter = false;
    heap.clear();
    boolean forget = how == State.ABORTED && (journaled || segments != null);
    try {
      if (segments != null) {
        segments.discard();
      } else if (unread != null) {
        owner.segmentContext().journal().deleteFiles(unread);
      }
    } catch (IOException e) {
      owner.cleanUpFailed(id, e);
    }
    segments = null;
    unread = null;
    owner.ended(this, forget);
    changed.signalAll();
  }
}

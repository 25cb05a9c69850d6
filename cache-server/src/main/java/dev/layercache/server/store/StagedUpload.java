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
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One unfinished upload, whoever holds it at the moment. Thread-safe; every method takes the
 * upload's lock. Handles name the epoch in which they got hold of it, so that a later one fences
 * them off.
 */
final class StagedUpload {
  private final UploadId id;
  private final Uploads owner;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final UploadBytes bytes;
  private State state = State.OPEN;
  private Optional<Digest> committed = Optional.empty();
  private volatile Instant updated;

  /** Whether there is a writer to let go of; written under the lock. */
  private volatile boolean holdsWriter;

  private int epoch;
  private boolean held;

  private enum State {
    OPEN,
    COMMITTING,
    COMMITTED,
    ABORTED
  }

  StagedUpload(UploadId id, UploadHint hint, Uploads owner, Instant now) {
    this(id, owner, now, new UploadBytes(id, hint, owner));
  }

  /** An upload from before a restart. */
  StagedUpload(UploadJournal.Entry entry, Uploads owner) {
    this(entry.id(), owner, entry.updated(), new UploadBytes(entry, owner));
  }

  private StagedUpload(UploadId id, Uploads owner, Instant updated, UploadBytes bytes) {
    this.id = id;
    this.owner = owner;
    this.updated = updated;
    this.bytes = bytes;
  }

  UploadId id() {
    return id;
  }

  UploadInfo info() {
    lock.lock();
    try {
      return new UploadInfo(id, bytes.taken(), updated);
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
      bytes.readAgain();
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

  /** Bytes taken so far; none after the end. */
  long position() {
    lock.lock();
    try {
      return bytes.taken();
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
      long size = bytes.taken() + length;
      if (size > owner.maxBlobBytes()) {
        end(State.ABORTED);
        throw new BlobTooLargeException(size, owner.maxBlobBytes());
      }
      bytes.append(source);
      holdsWriter = bytes.holdsWriter();
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
      long size = bytes.taken();
      var digests = bytes.complete(expected);
      var actual = digests.by(expected.algorithm());
      if (!actual.equals(expected)) {
        throw new DigestMismatchException(expected, actual, size);
      }
      state = State.COMMITTING;
      bytes.publish(digests);
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
      if (state != State.OPEN || !bytes.holdsWriter() || updated.isAfter(quietSince)) {
        return false;
      }
      bytes.park(owner.now());
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
      return state == State.OPEN ? Optional.of(bytes.suspend(updated)) : Optional.empty();
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
      while (state != State.ABORTED && state != State.COMMITTED && bytes.followable() <= offset) {
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
    return bytes.read(offset, target);
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

  private void end(State how) {
    if (state == State.COMMITTED || state == State.ABORTED) {
      return;
    }
    state = how;
    held = false;
    holdsWriter = false;
    boolean forget = how == State.ABORTED && bytes.mayBeJournaled();
    try {
      bytes.discard();
    } catch (IOException e) {
      owner.cleanUpFailed(id, e);
    }
    owner.ended(this, forget);
    changed.signalAll();
  }
}

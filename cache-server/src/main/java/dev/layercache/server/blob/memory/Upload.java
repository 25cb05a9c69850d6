package dev.layercache.server.blob.memory;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobTooLargeException;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadGoneException;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one upload, shared by the handles that wrote to it in turn and by its followers.
 * Thread-safe. Its lock may be held while taking the store's, never the other way round.
 */
final class Upload {
  private enum State {
    OPEN,
    COMMITTED,
    ABORTED,
    STORE_CLOSED
  }

  private final UploadId id;
  private final MemoryBlobStore store;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Chunks content = new Chunks();
  private final MessageDigest sha256 = DigestAlgorithm.SHA256.newHash();
  private State state = State.OPEN;
  private Instant updated;
  private boolean held;

  /** Only this handle may write; an earlier one is fenced. */
  private @Nullable MemoryBlobUpload holder;

  Upload(UploadId id, MemoryBlobStore store) {
    this.id = id;
    this.store = store;
    this.updated = store.now();
  }

  UploadId id() {
    return id;
  }

  /** A new handle that fences the earlier one; empty when the upload has ended. */
  Optional<MemoryBlobUpload> take() {
    lock.lock();
    try {
      if (state != State.OPEN) {
        return Optional.empty();
      }
      var handle = new MemoryBlobUpload(this, content.size());
      holder = handle;
      held = true;
      updated = store.now();
      return Optional.of(handle);
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of the upload, unless another handle has it. */
  void release(MemoryBlobUpload by) {
    lock.lock();
    try {
      if (holder == by) {
        held = false;
      }
    } finally {
      lock.unlock();
    }
  }

  Optional<UploadInfo> info() {
    lock.lock();
    try {
      return state == State.OPEN
          ? Optional.of(new UploadInfo(id, content.size(), updated))
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  int append(MemoryBlobUpload by, ByteBuffer source) throws BlobException {
    lock.lock();
    try {
      requireHolder(by);
      int bytes = source.remaining();
      if (bytes > store.maxBlobBytes() - content.size()) {
        end(State.ABORTED);
        throw new BlobTooLargeException(content.size() + bytes, store.maxBlobBytes());
      }
      sha256.update(source.duplicate());
      content.append(source);
      updated = store.now();
      changed.signalAll();
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  BlobInfo commit(MemoryBlobUpload by, Digest expected) throws BlobException {
    lock.lock();
    try {
      requireHolder(by);
      var canonical = Digest.of(DigestAlgorithm.SHA256, sha256);
      var actual =
          switch (expected.algorithm()) {
            case SHA256 -> canonical;
            case SHA512 -> digestOfContent(DigestAlgorithm.SHA512);
          };
      if (!actual.equals(expected)) {
        end(State.ABORTED);
        throw new DigestMismatchException(expected, actual, content.size());
      }
      content.trim();
      store.publish(canonical, expected, content);
      end(State.COMMITTED);
      return new BlobInfo(expected, content.size());
    } finally {
      lock.unlock();
    }
  }

  /** Aborts if {@code by} still has the upload; a fenced handle must not end its successor's. */
  void abort(MemoryBlobUpload by) {
    lock.lock();
    try {
      if (holder == by && state == State.OPEN) {
        end(State.ABORTED);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Aborts whoever has the upload. */
  void abort() {
    lock.lock();
    try {
      if (state == State.OPEN) {
        end(State.ABORTED);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Aborts if nobody has the upload and it was last touched before {@code before}. */
  boolean expire(Instant before) {
    lock.lock();
    try {
      boolean expired = state == State.OPEN && !held && updated.isBefore(before);
      if (expired) {
        end(State.ABORTED);
      }
      return expired;
    } finally {
      lock.unlock();
    }
  }

  void storeClosed() {
    lock.lock();
    try {
      if (state == State.OPEN) {
        end(State.STORE_CLOSED);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for at least one visible byte at {@code offset}, then copies what there is.
   *
   * @return bytes copied, at least 1; -1 at or behind the end of the committed blob
   */
  int follow(long offset, ByteBuffer target, Duration patience) throws BlobException {
    long nanosLeft = patience.toNanos();
    lock.lock();
    try {
      while (state == State.OPEN && visible() <= offset) {
        if (nanosLeft <= 0) {
          throw new UnavailableException(
              "upload %s: no byte at offset %d within %d ms"
                  .formatted(id, offset, patience.toMillis()));
        }
        nanosLeft = changed.awaitNanos(nanosLeft);
      }
      requireNotLost();
      return visible() <= offset ? -1 : content.copy(offset, visible() - offset, target);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("upload %s: interrupted while following".formatted(id), e);
    } finally {
      lock.unlock();
    }
  }

  /** The newest chunk is withheld until more bytes follow it or the digest is verified. */
  private long visible() {
    if (state == State.COMMITTED) {
      return content.size();
    }
    long full = Math.max(0, content.size() - 1) / Chunks.CHUNK_BYTES;
    return full * Chunks.CHUNK_BYTES;
  }

  private void requireHolder(MemoryBlobUpload by) throws BlobException {
    requireNotLost();
    if (state == State.COMMITTED) {
      throw new UploadGoneException(id, "it was committed");
    }
    if (holder != by) {
      throw new UploadGoneException(id, "it was taken over by a later resume");
    }
  }

  private void requireNotLost() throws BlobException {
    switch (state) {
      case ABORTED -> throw new UploadGoneException(id, "it was aborted");
      case STORE_CLOSED -> throw new UnavailableException("the store is closed");
      case OPEN, COMMITTED -> {}
    }
  }

  private void end(State ended) {
    state = ended;
    held = false;
    store.forget(this);
    changed.signalAll();
  }

  private Digest digestOfContent(DigestAlgorithm algorithm) {
    var hash = algorithm.newHash();
    var buffer = ByteBuffer.allocate(Chunks.CHUNK_BYTES);
    for (long at = 0; at < content.size(); at += buffer.position()) {
      buffer.clear();
      content.copy(at, content.size(), buffer);
      hash.update(buffer.array(), 0, buffer.position());
    }
    return Digest.of(algorithm, hash);
  }
}

package dev.layercache.server.fill;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One blob on its way in: what {@link FillTask}, which copies it, and those who wait for it share.
 * Thread-safe.
 *
 * <p>It ends once, and takes nobody in from then on; whoever comes later makes another.
 */
final class Fill {
  /** Callers bring few: the repositories that name a blob at the same moment. */
  private static final int MAX_ORIGINS = 16;

  private final Digest digest;
  private final Clock clock;
  private final Duration grace;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<BlobOrigin> origins = new ArrayList<>();

  private int asked;
  private int wanted;
  private Instant unwantedSince;
  private boolean ending;
  private boolean flowing;
  private long size = -1;
  private long position;
  private Optional<FillOutcome> outcome = Optional.empty();

  Fill(Digest digest, Clock clock, Duration grace) {
    this.digest = digest;
    this.clock = clock;
    this.grace = grace;
    this.unwantedSince = clock.instant();
  }

  Digest digest() {
    return digest;
  }

  /**
   * The same after a restart, which is how the bytes that came before it are found. It has no dot,
   * and those that clients choose have one.
   */
  UploadId uploadId() {
    return new UploadId("fill-%s-%s".formatted(digest.algorithm().prefix(), digest.hex()));
  }

  // Those who wait.

  /**
   * Keeps the fill going until {@link #release}, and has it try {@code origin} when those before it
   * cannot give the blob.
   *
   * @return false when it is too late
   */
  boolean want(BlobOrigin origin) {
    lock.lock();
    try {
      if (ending) {
        return false;
      }
      wanted++;
      boolean known = origins.stream().anyMatch(other -> other.name().equals(origin.name()));
      if (!known && origins.size() < MAX_ORIGINS) {
        origins.add(origin);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends one {@link #want}. */
  void release() {
    lock.lock();
    try {
      if (--wanted == 0) {
        unwantedSince = clock.instant();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the fill has ended or bytes are about to come.
   *
   * @return the size of the blob when bytes are about to come, -1 when it is not known; empty when
   *     the fill has ended
   * @throws UnavailableException if neither came in time
   */
  OptionalLong awaitHeader(Duration patience) throws UnavailableException {
    lock.lock();
    try {
      await(() -> flowing || outcome.isPresent(), patience);
      return outcome.isPresent() ? OptionalLong.empty() : OptionalLong.of(size);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the fill has ended.
   *
   * @throws UnavailableException if no byte came for {@code patience}
   */
  FillOutcome awaitEnd(Duration patience) throws UnavailableException {
    return awaitPosition(Long.MAX_VALUE, patience).orElseThrow();
  }

  /**
   * Waits until so many bytes are there or the fill has ended, whose outcome it gives then.
   *
   * @throws UnavailableException if no byte came for {@code patience}
   */
  Optional<FillOutcome> awaitPosition(long bytes, Duration patience) throws UnavailableException {
    lock.lock();
    try {
      while (outcome.isEmpty() && position < bytes) {
        long before = position;
        await(() -> outcome.isPresent() || position != before, patience);
      }
      return outcome;
    } finally {
      lock.unlock();
    }
  }

  Optional<FillOutcome> outcome() {
    lock.lock();
    try {
      return outcome;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that are there so far. */
  long position() {
    lock.lock();
    try {
      return position;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of the blob, -1 while that is not known. */
  long size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }

  private interface Reached {
    boolean now();
  }

  private void await(Reached reached, Duration patience) throws UnavailableException {
    long nanos = patience.toNanos();
    try {
      while (!reached.now()) {
        if (nanos <= 0) {
          throw new UnavailableException(
              "%s: nothing came from %s within %s".formatted(digest, namesOfOrigins(), patience));
        }
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting for " + digest, e);
    }
  }

  private String namesOfOrigins() {
    return String.join(", ", origins.stream().map(BlobOrigin::name).toList());
  }

  // The task.

  /** The next place to ask. Once this is empty, the fill takes nobody in any more. */
  Optional<BlobOrigin> nextOrigin() {
    lock.lock();
    try {
      if (ending || asked == origins.size()) {
        ending = true;
        return Optional.empty();
      }
      return Optional.of(origins.get(asked++));
    } finally {
      lock.unlock();
    }
  }

  /** Bytes are about to come. */
  void flows(long ofSize, long from) {
    lock.lock();
    try {
      flowing = true;
      size = ofSize;
      position = from;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void moved(long to) {
    lock.lock();
    try {
      position = to;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether nobody wanted it for longer than the grace; then it takes nobody in any more. */
  boolean isAbandoned() {
    lock.lock();
    try {
      if (wanted == 0 && !clock.instant().isBefore(unwantedSince.plus(grace))) {
        ending = true;
      }
      return ending;
    } finally {
      lock.unlock();
    }
  }

  /** The server stops: the fill takes nobody in any more and its task finds it abandoned. */
  void stop() {
    lock.lock();
    try {
      ending = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits, unless the fill is stopped meanwhile. */
  void pause(Duration length) throws IOException {
    lock.lock();
    try {
      long nanos = length.toNanos();
      while (nanos > 0 && !ending) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while filling " + digest, e);
    } finally {
      lock.unlock();
    }
  }

  void end(FillOutcome how) {
    lock.lock();
    try {
      ending = true;
      outcome = Optional.of(how);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

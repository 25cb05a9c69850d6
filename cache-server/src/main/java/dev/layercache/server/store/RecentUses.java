package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobEviction.Cutoff;
import dev.layercache.server.blob.BlobHolds.Hold;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Remembers to the second when blobs were last renewed, and decides between a use and an eviction
 * of one blob. Thread-safe.
 *
 * <p>Fixed memory: a blob has two slots that it shares with others, and was used no later than the
 * older of the two says. So a blob may seem to be in use that is not, and then stays a little
 * longer; a use is never forgotten.
 *
 * <p>The order decides. A reader looks the blob up, calls {@link #used}, and asks {@link #stands}
 * whether what it found still holds. An eviction calls {@link #condemn}, asks {@link #usedSince},
 * deletes, and calls {@link #release}. Whatever the interleaving, one of the two sees the other.
 */
final class RecentUses {
  private final Clock clock;
  private final AtomicIntegerArray seconds;
  private final int mask;
  private final Set<Digest> condemned = ConcurrentHashMap.newKeySet();
  private final Map<Object, Integer> holds = new ConcurrentHashMap<>();
  private volatile long changes;

  /**
   * @param slots rounded down to a power of two; 4 bytes of heap each
   */
  RecentUses(Clock clock, int slots) {
    this.clock = clock;
    this.seconds = new AtomicIntegerArray(Integer.highestOneBit(Math.max(1 << 10, slots)));
    this.mask = seconds.length() - 1;
  }

  /** Now, in seconds since 1970. */
  int now() {
    return (int) (clock.millis() / 1000);
  }

  /** A blob is used now. */
  void used(Digest digest, int now) {
    int first = slot(digest, 0) & mask;
    int second = slot(digest, 1) & mask;
    if (seconds.get(first) < now) {
      seconds.accumulateAndGet(first, now, Math::max);
    }
    if (seconds.get(second) < now) {
      seconds.accumulateAndGet(second, now, Math::max);
    }
  }

  /** Whether the blob was used at {@code cutoff} or later; may say so of one that was not. */
  boolean usedSince(Digest digest, Cutoff cutoff) {
    int first = seconds.get(slot(digest, 0) & mask);
    int second = seconds.get(slot(digest, 1) & mask);
    return Math.min(first, second) >= cutoff.second();
  }

  Hold hold() {
    var token = new Object();
    holds.put(token, now());
    return () -> holds.remove(token);
  }

  Cutoff cutoff(Duration grace) {
    int second = now() - (int) Math.min(Integer.MAX_VALUE / 2, grace.toSeconds());
    for (int since : holds.values()) {
      second = Math.min(second, since);
    }
    return new Cutoff(second);
  }

  /** To be taken before looking a blob up, for {@link #stands}. */
  long ticket() {
    return changes;
  }

  /**
   * Whether what was looked up since {@code ticket} cannot have been evicted meanwhile. If not, the
   * blob must be looked up again, after {@link #awaitDecision}.
   */
  boolean stands(long ticket) {
    return condemned.isEmpty() && changes == ticket;
  }

  /**
   * Waits until no eviction decides about the blob any more: until a group of deletions is written,
   * a few milliseconds.
   *
   * @return false if it took longer than {@code patience}
   */
  boolean awaitDecision(Digest digest, Duration patience) {
    if (!condemned.contains(digest)) {
      return true;
    }
    long end = System.nanoTime() + patience.toNanos();
    synchronized (this) {
      while (condemned.contains(digest)) {
        long millis = (end - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        try {
          wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
    }
    return true;
  }

  synchronized void condemn(Collection<Digest> digests) {
    condemned.addAll(digests);
    changes++;
  }

  /** The eviction is over, whatever came of it. */
  synchronized void release(Collection<Digest> digests) {
    changes++;
    condemned.removeAll(Set.copyOf(digests));
    notifyAll();
  }

  /** Two independent numbers for each digest, from bytes that no other table uses. */
  private static int slot(Digest digest, int index) {
    return (int) digest.word(2 + index);
  }
}

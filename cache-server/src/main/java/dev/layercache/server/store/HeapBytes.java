package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of an upload that is still small. Not thread-safe: {@link StagedUpload} locks around
 * it.
 */
final class HeapBytes {
  private static final int FIRST_BYTES = 4 << 10;

  private final Budget budget;
  private byte[] bytes = new byte[0];
  private int length;

  HeapBytes(Budget budget) {
    this.budget = budget;
  }

  /** What all small uploads may take together. Thread-safe. */
  static final class Budget {
    private final AtomicLong taken = new AtomicLong();
    private final long most;

    Budget(long mostBytes) {
      this.most = mostBytes;
    }

    private boolean take(long bytes) {
      if (taken.addAndGet(bytes) <= most) {
        return true;
      }
      taken.addAndGet(-bytes);
      return false;
    }

    private void give(long bytes) {
      taken.addAndGet(-bytes);
    }
  }

  int length() {
    return length;
  }

  /**
   * Appends all of {@code source}, or nothing when that would be more than {@code most} bytes or
   * more than the budget has left.
   *
   * @return whether it was appended
   */
  boolean append(ByteBuffer source, int most) {
    int added = source.remaining();
    if (added > most - length || !budget.take(added)) {
      return false;
    }
    int needed = length + added;
    if (bytes.length < needed) {
      int wanted = Math.max(Math.max(FIRST_BYTES, needed), 2 * bytes.length);
      bytes = Arrays.copyOf(bytes, Math.max(needed, Math.min(wanted, most)));
    }
    source.get(bytes, length, added);
    length = needed;
    return true;
  }

  /** The bytes, valid until the next change. */
  ByteBuffer view() {
    return ByteBuffer.wrap(bytes, 0, length).slice();
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }

  void clear() {
    budget.give(length);
    bytes = new byte[0];
    length = 0;
  }
}

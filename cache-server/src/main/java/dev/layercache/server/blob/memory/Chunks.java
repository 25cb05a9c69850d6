package dev.layercache.server.blob.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes that only grow, in chunks. Appending is not thread-safe; a copy that nobody appends to any
 * more may be read by many threads.
 */
final class Chunks {
  /** Bytes in every chunk but the last; also the distance that a follower stays behind. */
  static final int CHUNK_BYTES = 256 * 1024;

  private static final int FIRST_ALLOCATION_BYTES = 1024;

  private final List<byte[]> chunks = new ArrayList<>();
  private long size;

  long size() {
    return size;
  }

  /** Takes all remaining bytes of {@code source}. */
  void append(ByteBuffer source) {
    while (source.hasRemaining()) {
      int used = (int) (size % CHUNK_BYTES);
      int taken = Math.min(source.remaining(), CHUNK_BYTES - used);
      source.get(tailWithRoomFor(used, taken), used, taken);
      size += taken;
    }
  }

  /** Copies bytes from {@code offset} on, up to {@code most} and to the room in {@code target}. */
  int copy(long offset, long most, ByteBuffer target) {
    int wanted = (int) Math.min(target.remaining(), Math.min(most, size - offset));
    int copied = 0;
    while (copied < wanted) {
      long at = offset + copied;
      int start = (int) (at % CHUNK_BYTES);
      int length = Math.min(wanted - copied, CHUNK_BYTES - start);
      target.put(chunks.get((int) (at / CHUNK_BYTES)), start, length);
      copied += length;
    }
    return copied;
  }

  /** Gives back the room behind the last byte. Call when nothing will be appended any more. */
  void trim() {
    int used = (int) (size % CHUNK_BYTES);
    if (used > 0) {
      chunks.set(chunks.size() - 1, Arrays.copyOf(chunks.getLast(), used));
    }
  }

  private byte[] tailWithRoomFor(int used, int more) {
    int needed = used + more;
    if (used == 0) {
      chunks.add(new byte[Math.min(CHUNK_BYTES, Math.max(FIRST_ALLOCATION_BYTES, needed))]);
    } else if (chunks.getLast().length < needed) {
      int doubled = Math.min(CHUNK_BYTES, 2 * chunks.getLast().length);
      chunks.set(chunks.size() - 1, Arrays.copyOf(chunks.getLast(), Math.max(needed, doubled)));
    }
    return chunks.getLast();
  }
}

package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Direct buffers of one chunk, used again. What is taken is bounded by whoever takes: two for each
 * upload writer, one for each reader that holds a disk permit. Thread-safe.
 */
final class ChunkBuffers {
  /** Idle buffers that are kept: 64 x 256 KiB = 16 MiB. */
  private static final int MAX_IDLE = 64;

  private final ConcurrentLinkedQueue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger idleCount = new AtomicInteger();

  /** An empty buffer with room for one chunk; to be given back. */
  ByteBuffer take() {
    var buffer = idle.poll();
    if (buffer == null) {
      return ByteBuffer.allocateDirect(SegmentLayout.CHUNK);
    }
    idleCount.decrementAndGet();
    return buffer.clear();
  }

  /** Gives a buffer back; the caller must not touch it again. */
  void give(ByteBuffer buffer) {
    if (idleCount.incrementAndGet() <= MAX_IDLE) {
      idle.add(buffer);
    } else {
      idleCount.decrementAndGet();
    }
  }
}

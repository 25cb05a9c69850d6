package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Direct buffers of one size, used again. What is taken is bounded by whoever takes: one for each
 * upload writer, a key for each holder of a disk permit. Thread-safe.
 */
final class DirectBuffers {
  private final ConcurrentLinkedQueue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger idleCount = new AtomicInteger();
  private final int bytes;
  private final int alignment;
  private final int mostIdle;

  /**
   * @param bytes of each buffer
   * @param alignment what its address is a multiple of, a power of two
   * @param mostIdle how many are kept while nobody uses them
   */
  DirectBuffers(int bytes, int alignment, int mostIdle) {
    this.bytes = bytes;
    this.alignment = alignment;
    this.mostIdle = mostIdle;
  }

  /** An empty buffer; to be given back. */
  ByteBuffer take() {
    var buffer = idle.poll();
    if (buffer == null) {
      return ByteBuffer.allocateDirect(bytes + alignment - 1)
          .alignedSlice(alignment)
          .slice(0, bytes);
    }
    idleCount.decrementAndGet();
    return buffer.clear();
  }

  /** Gives a buffer back; the caller must not touch it again. */
  void give(ByteBuffer buffer) {
    if (idleCount.incrementAndGet() <= mostIdle) {
      idle.add(buffer);
    } else {
      idleCount.decrementAndGet();
    }
  }
}

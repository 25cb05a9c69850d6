package dev.layercache.load.data;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Makes blobs, never the same twice. Thread-safe. */
public final class BlobFactory {
  private final AtomicLong next;

  /**
   * @param seed makes a whole run repeatable; servers that outlive a run need another one each time
   */
  public BlobFactory(long seed) {
    this.next = new AtomicLong(seed << 32);
  }

  /** One blob of {@code size} bytes. */
  public Blob make(long size) {
    return Blob.of(next.getAndIncrement(), size);
  }

  /** Several that do not compress, of {@code size} bytes each; hashes on all cores. */
  public List<Blob> make(int count, long size) {
    return make(count, size, Texture.NOISE);
  }

  /** The same of another texture. */
  public List<Blob> make(int count, long size, Texture texture) {
    long first = next.getAndAdd(count);
    return LongStream.range(first, first + count)
        .parallel()
        .mapToObj(seed -> Blob.of(seed, size, texture))
        .toList();
  }
}

package dev.layercache.load.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An endless stream of bytes that, for different seeds, do not repeat: SplitMix64 (Steele, Lea,
 * Flood: "Fast splittable pseudorandom number generators", 2014) in counter mode. About 0.2 CPU
 * seconds a GiB, so that a driver can make data while it sends. Not thread-safe.
 */
public final class UniqueBytes {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;
  private static final int WORDS = 1 << 10;

  private final long start;
  private final Texture texture;
  private final long[] words = new long[WORDS];
  private long word;

  /**
   * @param seed names the stream
   */
  public UniqueBytes(long seed, Texture texture) {
    this.start = mix(seed * GAMMA);
    this.texture = texture;
  }

  /**
   * Fills what remains of {@code target}. Every call but the last must fill a multiple of 8 bytes:
   * the rest of a word is dropped.
   */
  public void fill(ByteBuffer target) {
    var longs = target.slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    int whole = longs.remaining();
    while (longs.hasRemaining()) {
      int count = Math.min(WORDS, longs.remaining());
      next(count);
      longs.put(words, 0, count);
    }
    target.position(target.position() + whole * Long.BYTES);
    if (target.hasRemaining()) {
      next(1);
      for (long rest = words[0]; target.hasRemaining(); rest >>>= Byte.SIZE) {
        target.put((byte) rest);
      }
    }
  }

  /** The next {@code count} words into the array: a loop that the compiler vectorizes. */
  private void next(int count) {
    long base = start + word * GAMMA;
    for (int i = 0; i < count; i++) {
      words[i] = texture.of(mix(base + i * GAMMA));
    }
    word += count;
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}

package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The hash that blocks of RocksDB's tables are checked with when they say "xxHash64", with seed 0.
 * Not thread-safe.
 */
final class XxHash64 {
  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P1_PLUS_P2 = 0x60EA27EEADC0B5D6L;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;

  /** Bytes that the four lanes take at a time. */
  private static final int STRIPE = 32;

  /** Less than a stripe, until more comes. */
  private final ByteBuffer held = ByteBuffer.allocate(STRIPE).order(ByteOrder.LITTLE_ENDIAN);

  private long a = P1_PLUS_P2;
  private long b = P2;
  private long c;
  private long d = -P1;
  private long length;

  /** Takes the remaining bytes, and leaves the buffer as it was. */
  XxHash64 update(ByteBuffer bytes) {
    var in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    length += in.remaining();
    if (held.position() > 0) {
      int missing = Math.min(held.remaining(), in.remaining());
      held.put(in.slice(0, missing));
      in.position(missing);
      if (!held.hasRemaining()) {
        stripes(held, 0, STRIPE);
        held.clear();
      }
    }
    int striped = in.position() + in.remaining() / STRIPE * STRIPE;
    stripes(in, in.position(), striped);
    held.put(in.position(striped));
    return this;
  }

  /** The hash of all bytes; call once. */
  long finish() {
    long hash = P5;
    if (length >= STRIPE) {
      hash =
          Long.rotateLeft(a, 1)
              + Long.rotateLeft(b, 7)
              + Long.rotateLeft(c, 12)
              + Long.rotateLeft(d, 18);
      hash = merge(merge(merge(merge(hash, a), b), c), d);
    }
    return avalanche(rest(hash + length));
  }

  private void stripes(ByteBuffer in, int from, int end) {
    long w = a;
    long x = b;
    long y = c;
    long z = d;
    for (int i = from; i < end; i += STRIPE) {
      w = round(w, in.getLong(i));
      x = round(x, in.getLong(i + 8));
      y = round(y, in.getLong(i + 16));
      z = round(z, in.getLong(i + 24));
    }
    a = w;
    b = x;
    c = y;
    d = z;
  }

  private long rest(long start) {
    long hash = start;
    int i = 0;
    for (; i <= held.position() - 8; i += 8) {
      hash = Long.rotateLeft(hash ^ round(0, held.getLong(i)), 27) * P1 + P4;
    }
    if (i <= held.position() - 4) {
      hash = Long.rotateLeft(hash ^ Integer.toUnsignedLong(held.getInt(i)) * P1, 23) * P2 + P3;
      i += 4;
    }
    for (; i < held.position(); i++) {
      hash = Long.rotateLeft(hash ^ Byte.toUnsignedLong(held.get(i)) * P5, 11) * P1;
    }
    return hash;
  }

  private static long round(long lane, long input) {
    return Long.rotateLeft(lane + input * P2, 31) * P1;
  }

  private static long merge(long hash, long lane) {
    return (hash ^ round(0, lane)) * P1 + P4;
  }

  private static long avalanche(long hash) {
    long mixed = (hash ^ hash >>> 33) * P2;
    mixed = (mixed ^ mixed >>> 29) * P3;
    return mixed ^ mixed >>> 32;
  }
}

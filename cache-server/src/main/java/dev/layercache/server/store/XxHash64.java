package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The hash that blocks of RocksDB's tables are checked with when they say "xxHash64". RocksDB's
 * library checks a GiB in 0.43 s of CPU time with it and in 1.35 s with CRC-32C, which its build
 * does without the processor's instructions.
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

  private XxHash64() {}

  /** Hashes the remaining bytes with seed 0, and leaves the buffer as it was. */
  static long hash(ByteBuffer bytes) {
    var in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    int length = in.remaining();
    int striped = length - length % STRIPE;
    long hash = (striped == 0 ? P5 : stripes(in, striped)) + length;
    return avalanche(rest(in, striped, hash));
  }

  private static long stripes(ByteBuffer in, int end) {
    long a = P1_PLUS_P2;
    long b = P2;
    long c = 0;
    long d = -P1;
    for (int i = 0; i < end; i += STRIPE) {
      a = round(a, in.getLong(i));
      b = round(b, in.getLong(i + 8));
      c = round(c, in.getLong(i + 16));
      d = round(d, in.getLong(i + 24));
    }
    long hash =
        Long.rotateLeft(a, 1)
            + Long.rotateLeft(b, 7)
            + Long.rotateLeft(c, 12)
            + Long.rotateLeft(d, 18);
    return merge(merge(merge(merge(hash, a), b), c), d);
  }

  private static long rest(ByteBuffer in, int from, long start) {
    long hash = start;
    int i = from;
    for (; i <= in.limit() - 8; i += 8) {
      hash = Long.rotateLeft(hash ^ round(0, in.getLong(i)), 27) * P1 + P4;
    }
    if (i <= in.limit() - 4) {
      hash = Long.rotateLeft(hash ^ Integer.toUnsignedLong(in.getInt(i)) * P1, 23) * P2 + P3;
      i += 4;
    }
    for (; i < in.limit(); i++) {
      hash = Long.rotateLeft(hash ^ Byte.toUnsignedLong(in.get(i)) * P5, 11) * P1;
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

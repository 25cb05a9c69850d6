package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * What the blocks of a segment's file are checked with, all with the same one. RocksDB knows both.
 *
 * <p>A chunk of 256 KiB takes 3.5 us with CRC-32C and 21 us with xxHash64 ({@code
 * ChecksumBenchmark}). But RocksDB's library, built without the processor's instructions, takes
 * 1.35 and 0.43 s for a GiB, and checks the first and the last block of what it ingests: below a
 * few MiB that costs more than it saves.
 */
enum BlockChecksum {
  /** Masked, as RocksDB keeps it: a checksum of bytes that hold their own is no good one. */
  CRC32C(1) {
    @Override
    int of(ByteBuffer... parts) {
      var sum = new CRC32C();
      for (var part : parts) {
        sum.update(part.duplicate());
      }
      return Integer.rotateRight((int) sum.getValue(), 15) + 0xa282ead8;
    }
  },

  XXHASH64(3) {
    @Override
    int of(ByteBuffer... parts) {
      var hash = new XxHash64();
      for (var part : parts) {
        hash.update(part);
      }
      return (int) hash.finish();
    }
  };

  private static final long LARGE = 4 << 20;

  private final byte number;

  BlockChecksum(int number) {
    this.number = (byte) number;
  }

  /** Which one costs least for a blob of that size, if it is known. */
  static BlockChecksum forSize(OptionalLong bytes) {
    return bytes.isPresent() && bytes.getAsLong() < LARGE ? XXHASH64 : CRC32C;
  }

  /** RocksDB's number of it, in the footer of a file. */
  byte number() {
    return number;
  }

  /** The checksum of the remaining bytes of all parts, which stay as they are. */
  abstract int of(ByteBuffer... parts);
}

package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That they are RocksDB's checksums is tested where it reads files: {@link SegmentWriterTest}. */
class BlockChecksumTest {
  @ParameterizedTest
  @EnumSource
  void partsHaveTheChecksumOfTheWhole(BlockChecksum checksum) {
    var random = new Random(7);
    for (int round = 0; round < 200; round++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      var parts = new ArrayList<ByteBuffer>();
      for (int at = 0; at < bytes.length; ) {
        int length = 1 + random.nextInt(bytes.length - at);
        var part =
            random.nextBoolean() ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
        parts.add(part.put(bytes, at, length).flip());
        at += length;
      }
      assertThat(checksum.of(parts.toArray(ByteBuffer[]::new)))
          .isEqualTo(checksum.of(ByteBuffer.wrap(bytes)));
      assertThat(parts).allMatch(ByteBuffer::hasRemaining);
    }
  }

  @Test
  void smallBlobsHaveTheOneThatRocksDbChecksFaster() {
    assertThat(BlockChecksum.forSize(OptionalLong.of(300_000))).isEqualTo(BlockChecksum.XXHASH64);
    assertThat(BlockChecksum.forSize(OptionalLong.of(4 << 20))).isEqualTo(BlockChecksum.CRC32C);
    assertThat(BlockChecksum.forSize(OptionalLong.empty())).isEqualTo(BlockChecksum.CRC32C);
  }
}

package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/** RocksDB is the judge: what is written must be a table to it, whole and checked. */
class SegmentWriterTest {
  private static final long BLOB = 0x0102030405060708L;
  private static final long OFFSET = 7L * SegmentLayout.CHUNK;

  private final DirectBuffers buffers =
      new DirectBuffers(SegmentWriter.BUFFER, SegmentLayout.PAGE, 1);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "1",
    "127",
    "128",
    "4082",
    "4083",
    "4084",
    "4096",
    "100000",
    "262131",
    "262143",
    "262144",
    "262145",
    "524288",
    "3000001",
    "33554432"
  })
  void aSegmentIsATableOfItsChunks(int length) throws Exception {
    for (boolean direct : new boolean[] {true, false}) {
      byte[] bytes = bytes(length);
      Path file = directory.resolve("segment-%d-%b.sst".formatted(length, direct));
      var checksum = direct ? BlockChecksum.CRC32C : BlockChecksum.XXHASH64;
      var segment = write(file, bytes, checksum, direct);
      assertThat(Files.size(file) % SegmentLayout.PAGE).isZero();
      assertThat(readTable(file)).isEqualTo(ByteBuffer.wrap(bytes));
      assertThat(readByPosition(file, segment)).isEqualTo(ByteBuffer.wrap(bytes));
      Files.delete(file);
    }
  }

  @Test
  void theLargestSegmentHasRoomForItsIndex() {
    long chunks = SegmentWriter.MAX_SEGMENT / SegmentLayout.CHUNK;
    var end = ByteBuffer.allocate(SegmentWriter.BUFFER);
    TableFormat.putEnd(
        end.position(SegmentLayout.PAGE - 1),
        1L << 40,
        Long.MAX_VALUE,
        new Segment(Long.MAX_VALUE / 2, chunks * SegmentLayout.CHUNK, 0),
        BlockChecksum.CRC32C);
    assertThat(end.position() % SegmentLayout.PAGE).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedBitIsFound(BlockChecksum checksum) throws Exception {
    Path file = directory.resolve("flipped.sst");
    var segment = write(file, bytes(600_000), checksum, true);
    for (long at : new long[] {4096, 300_000, 4096 + 2 * 262_144 + 8192}) {
      flip(file, at);
      assertThatThrownBy(() -> readTable(file)).isInstanceOf(RocksDBException.class);
      assertThatThrownBy(() -> readByPosition(file, segment)).isInstanceOf(AssertionError.class);
      flip(file, at);
    }
    assertThat(readTable(file).remaining()).isEqualTo(600_000);
  }

  @Test
  void aFlippedBitInTheFooterCostsNoChunk() throws Exception {
    Path file = directory.resolve("footer.sst");
    byte[] bytes = bytes(600_000);
    var segment = write(file, bytes, BlockChecksum.XXHASH64, true);
    for (long at = Files.size(file) - 53; at < Files.size(file); at++) {
      flip(file, at);
      assertThat(readByPosition(file, segment)).isEqualTo(ByteBuffer.wrap(bytes));
      flip(file, at);
    }
  }

  @Test
  void anInterruptDoesNotEndTheSegment() throws Exception {
    byte[] bytes = bytes(600_000);
    Path file = directory.resolve("interrupted.sst");
    Thread.currentThread().interrupt();
    write(file, bytes, BlockChecksum.CRC32C, true);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(readTable(file)).isEqualTo(ByteBuffer.wrap(bytes));
  }

  private Segment write(Path file, byte[] bytes, BlockChecksum checksum, boolean direct)
      throws IOException {
    var buffer = buffers.take();
    boolean possible = direct && SegmentWriter.isDirectPossible(directory);
    try (var writer = new SegmentWriter(file, BLOB, OFFSET, checksum, buffer, possible)) {
      for (int at = 0; at < bytes.length; at += SegmentLayout.CHUNK) {
        writer.chunk().put(bytes, at, Math.min(SegmentLayout.CHUNK, bytes.length - at));
        writer.append();
      }
      writer.finish();
      return writer.segment(0);
    } finally {
      buffers.give(buffer);
    }
  }

  private static ByteBuffer readTable(Path file) throws RocksDBException {
    var read = ByteBuffer.allocate(1 << 26);
    try (var options = new Options();
        var reading = new ReadOptions().setVerifyChecksums(true);
        var reader = new SstFileReader(options)) {
      reader.open(file.toString());
      reader.verifyChecksum();
      var properties = reader.getTableProperties();
      long chunks = 0;
      try (var entries = reader.newIterator(reading)) {
        for (entries.seekToFirst(); entries.isValid(); entries.next()) {
          var key = ByteBuffer.wrap(entries.key());
          assertThat(key.getLong()).isEqualTo(BLOB);
          assertThat(key.getLong()).isEqualTo(OFFSET + read.position());
          read.put(entries.value());
          chunks++;
        }
        entries.status();
      }
      assertThat(properties.getNumEntries()).isEqualTo(chunks);
      assertThat(properties.getNumDataBlocks()).isEqualTo(chunks);
      assertThat(properties.getRawValueSize()).isEqualTo(read.position());
    }
    return read.flip();
  }

  private static ByteBuffer readByPosition(Path file, Segment segment) throws IOException {
    var read = ByteBuffer.allocate((int) segment.length());
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      assertThat(SegmentLayout.isProven(channel, segment, BLOB)).isTrue();
      assertThat(SegmentLayout.isProven(channel, segment, BLOB + 1)).isFalse();
    }
    try (var opened = SegmentFile.open(file, segment, BLOB)) {
      assertThat(opened.isProven()).isTrue();
      while (read.hasRemaining()) {
        int at = read.position();
        int length = SegmentLayout.chunkLength(segment.length(), at);
        assertThat(opened.read(at, read.limit(at + length))).isTrue();
        read.limit(read.capacity());
      }
    }
    return read.flip();
  }

  private static void flip(Path file, long at) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      var one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 1));
      channel.write(one.rewind(), at);
    }
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}

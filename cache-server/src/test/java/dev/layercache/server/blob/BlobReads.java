package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import java.util.SplittableRandom;

/** Ways to read a blob to its end. Each checks the channel's promises while it reads. */
final class BlobReads {
  private BlobReads() {}

  /** The whole blob; empty when it is not stored. */
  static Optional<byte[]> read(BlobSource source, Digest digest) throws IOException {
    return read(source, digest, ByteRange.ALL);
  }

  static Optional<byte[]> read(BlobSource source, Digest digest, ByteRange range)
      throws IOException {
    var opened = source.open(digest, range);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (var reader = opened.get()) {
      return Optional.of(toEnd(reader, ByteBuffer.allocate(128 * 1024)));
    }
  }

  /** Reads with {@code target} until the end; every read but the last must fill it. */
  static byte[] toEnd(BlobReader reader, ByteBuffer target) throws IOException {
    var read = new byte[(int) reader.remaining()];
    int count = 0;
    while (true) {
      target.clear();
      int expected = (int) Math.min(target.remaining(), reader.remaining());
      int n = reader.read(target);
      if (n < 0) {
        break;
      }
      assertThat(n).isEqualTo(expected).isEqualTo(target.position());
      target.flip().get(read, count, n);
      count += n;
      assertThat(reader.remaining()).isEqualTo(read.length - count);
    }
    assertThat(count).isEqualTo(read.length);
    assertThat(reader.read(target.clear())).as("read behind the end").isEqualTo(-1);
    return read;
  }

  /** Takes file regions of random length as long as the reader offers them, and reads the rest. */
  static byte[] byRegions(BlobReader reader, SplittableRandom random) throws IOException {
    var result = ByteBuffer.allocate((int) reader.remaining());
    while (reader.remaining() > 0) {
      long before = reader.remaining();
      int most = random.nextInt(1, 500_000);
      var region = reader.nextRegion(most);
      if (region.isPresent()) {
        assertThat(region.get().length()).isBetween(1L, (long) most);
        copy(region.get(), result);
        assertThat(reader.remaining()).isEqualTo(before - region.get().length());
      }
      if (region.isEmpty() || random.nextInt(4) == 0) {
        int room = Math.min(result.remaining(), random.nextInt(1, 100_000));
        reader.read(result.slice(result.position(), room));
        result.position(result.capacity() - (int) reader.remaining());
      }
    }
    assertThat(reader.nextRegion(1)).as("region behind the end").isEmpty();
    return result.array();
  }

  /** Reads {@code size} bytes from a channel whose reads may be short. */
  static byte[] exactly(int size, ReadableByteChannel channel) throws IOException {
    var result = ByteBuffer.allocate(size);
    while (result.hasRemaining()) {
      int n = channel.read(result);
      assertThat(n).as("read at %d of %d", result.position(), size).isPositive();
    }
    return result.array();
  }

  private static void copy(FileRegion region, ByteBuffer target) throws IOException {
    var part = target.slice(target.position(), (int) region.length());
    while (part.hasRemaining()) {
      int n = region.file().read(part, region.position() + part.position());
      assertThat(n).isPositive();
    }
    target.position(target.position() + part.capacity());
  }
}

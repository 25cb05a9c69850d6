package dev.layercache.server.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.blob.OutOfRangeException;
import dev.layercache.server.blob.SampleBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Reading what is stored, absent, or being filled. */
interface FillReadContract extends FillsUnderTest {
  @Test
  default void aStoredBlobNeedsNoOrigin() throws IOException {
    var blob = SampleBlob.of(1, 3 * MIB);
    blob.putInto(store());
    assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
    assertThat(origin().opens()).isEmpty();
    var counted = fills().statistics().getFirst();
    assertThat(counted.hits()).isEqualTo(1);
    assertThat(counted.bytesSaved()).isEqualTo(blob.size());
  }

  @Test
  default void anAbsentBlobIsFilledOnceAndStays() throws IOException {
    for (int size : List.of(1, 100_000, 256 << 10, 5 * MIB + 7)) {
      var blob = SampleBlob.of(size, size);
      origin().with(blob);
      assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
      awaitStored(blob);
      assertThat(read(blob, new ByteRange(size / 2, 77)))
          .isEqualTo(blob.slice(new ByteRange(size / 2, 77)));
    }
    assertThat(origin().opens()).containsOnly(0L).hasSize(4);
    assertThat(fills().statistics().getFirst().fillsStarted()).isEqualTo(4);
  }

  @Test
  default void whatTheOriginDoesNotHaveIsAbsent() throws IOException {
    var blob = SampleBlob.of(2, 10);
    assertThat(fills().open(blob.digest(), ByteRange.ALL, origin())).isEmpty();
    assertThat(fills().stat(blob.digest(), origin())).isEmpty();
  }

  @Test
  default void twoHundredReadersOfAnAbsentBlobAreOneFill() throws Exception {
    var blob = SampleBlob.of(3, 6 * MIB + 11);
    byte[] content = blob.bytes();
    origin().with(blob).gated().allow(1024);
    var opened = new CountDownLatch(200);
    Concurrently.run(
        201,
        number -> {
          if (number == 200) {
            opened.await();
            origin().allowAll();
            return;
          }
          var range = ByteRange.from(number % 4 == 0 ? number * 20_000L : 0);
          try (var reader = fills().open(blob.digest(), range, origin()).orElseThrow()) {
            opened.countDown();
            requireRest(reader, content, (int) range.offset());
          }
        });
    assertThat(origin().opens()).containsExactly(0L);
    assertThat(origin().bytes()).isEqualTo(blob.size());
    var counted = fills().statistics().getFirst();
    assertThat(counted.misses()).isEqualTo(200);
    assertThat(counted.bytesFilled()).isEqualTo(blob.size());
  }

  @Test
  default void aReaderThatDoesNotReadHoldsNobodyUp() throws Exception {
    var blob = SampleBlob.of(4, 4 * MIB);
    origin().with(blob);
    try (var slow = fills().open(blob.digest(), ByteRange.ALL, origin()).orElseThrow()) {
      assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
      assertThat(drain(slow, 4096)).isEqualTo(blob.bytes());
    }
  }

  @Test
  default void readersSeeBytesBeforeTheBlobIsWhole() throws Exception {
    var blob = SampleBlob.of(5, 4 * MIB);
    origin().with(blob).gated().allow(2048);
    try (var reader = fills().open(blob.digest(), ByteRange.from(MIB), origin()).orElseThrow()) {
      assertThat(reader.info()).isEqualTo(new BlobInfo(blob.digest(), blob.size()));
      var first = ByteBuffer.allocate(MIB / 2);
      assertThat(reader.read(first)).isEqualTo(MIB / 2);
      assertThat(first.array()).isEqualTo(blob.slice(new ByteRange(MIB, MIB / 2)));
      assertThat(store().stat(blob.digest())).isEmpty();
      origin().allowAll();
      assertThat(drain(reader, 100_000)).isEqualTo(blob.slice(ByteRange.from(MIB + MIB / 2)));
    }
  }

  @Test
  default void aBlobOfUnknownSizeIsServedOnceItIsWhole() throws IOException {
    var blob = SampleBlob.of(7, 2 * MIB + 1);
    origin().with(blob).withoutSize();
    assertThat(fills().stat(blob.digest(), origin()))
        .hasValue(new BlobInfo(blob.digest(), blob.size()));
    assertThat(read(blob, ByteRange.from(MIB))).isEqualTo(blob.slice(ByteRange.from(MIB)));
  }

  @Test
  default void statOfAnAbsentBlobFillsNothing() throws IOException {
    var blob = SampleBlob.of(8, MIB);
    origin().with(blob);
    assertThat(fills().stat(blob.digest(), origin()))
        .hasValue(new BlobInfo(blob.digest(), blob.size()));
    assertThat(origin().bytes()).isZero();
    assertThat(store().stat(blob.digest())).isEmpty();
  }

  @Test
  default void aRangeBehindTheEndIsRefused() {
    var blob = SampleBlob.of(9, 1000);
    origin().with(blob);
    assertThatThrownBy(() -> fills().open(blob.digest(), ByteRange.from(1001), origin()))
        .isInstanceOf(OutOfRangeException.class);
  }

  /** Compares while it reads: two hundred copies of the blob would fill the heap. */
  private static void requireRest(BlobReader reader, byte[] content, int from) throws IOException {
    var buffer = ByteBuffer.allocate(32 << 10);
    int at = from;
    for (int read = reader.read(buffer); read >= 0; read = reader.read(buffer.clear())) {
      boolean same = Arrays.equals(buffer.array(), 0, read, content, at, at + read);
      assertThat(same).as("bytes at %d", at).isTrue();
      at += read;
    }
    assertThat(at).isEqualTo(content.length);
  }
}

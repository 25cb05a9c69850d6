package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading: sizes, ranges, buffers, file regions, absence. */
interface BlobSourceContract extends BlobStoreUnderTest {

  @Test
  default void theEmptyBlobIsAlwaysThere() throws IOException {
    assertThat(store().stat(Digest.EMPTY)).contains(new BlobInfo(Digest.EMPTY, 0));
    assertThat(store().findMissing(List.of(Digest.EMPTY))).isEmpty();
    assertThat(BlobReads.read(store(), Digest.EMPTY)).hasValue(new byte[0]);
  }

  @Test
  default void aBlobThatWasNeverStoredIsAbsent() throws IOException {
    var absent = SampleBlob.of(1, 10).digest();
    assertThat(store().stat(absent)).isEmpty();
    assertThat(store().open(absent, ByteRange.ALL)).isEmpty();
    assertThat(store().open(absent, ByteRange.from(11))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        4 * KIB,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK,
        MIB - 1,
        MIB,
        MIB + 1,
        3 * MIB + 7,
        70 * MIB
      })
  default void aBlobOfAnySizeReadsBackInEveryWay(int size) throws IOException {
    var random = new SplittableRandom(size);
    var blob = SampleBlob.of(size, size);
    try (var upload = store().begin(UploadHint.NONE)) {
      blob.writeInSlices(upload, random);
      assertThat(upload.commit(blob.digest())).isEqualTo(new BlobInfo(blob.digest(), size));
    }
    assertThat(store().stat(blob.digest())).contains(new BlobInfo(blob.digest(), size));
    try (var reader = open(blob, ByteRange.ALL)) {
      assertThat(reader.info()).isEqualTo(new BlobInfo(blob.digest(), size));
      assertThat(BlobReads.toEnd(reader, ByteBuffer.allocate(100_003))).isEqualTo(blob.bytes());
    }
    try (var reader = open(blob, ByteRange.ALL)) {
      assertThat(BlobReads.toEnd(reader, ByteBuffer.allocateDirect(MIB))).isEqualTo(blob.bytes());
    }
    try (var reader = open(blob, ByteRange.ALL)) {
      assertThat(BlobReads.byRegions(reader, random)).isEqualTo(blob.bytes());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4 * KIB, CHUNK, MIB + CHUNK + 1})
  default void anyRangeReadsItsBytes(int size) throws IOException {
    var random = new SplittableRandom(size);
    var blob = SampleBlob.of(2, size);
    blob.putInto(store());
    var edges = List.of(0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, MIB, size - 1, size);
    for (int offset : edges) {
      for (long length : List.of(0L, 1L, CHUNK - 1L, (long) CHUNK, CHUNK + 1L, Long.MAX_VALUE)) {
        if (offset < 0 || offset > size) {
          continue;
        }
        var range = new ByteRange(offset, length);
        assertThat(BlobReads.read(store(), blob.digest(), range))
            .as("%s of %d bytes", range, size)
            .hasValue(blob.slice(range));
        try (var reader = open(blob, range)) {
          assertThat(BlobReads.byRegions(reader, random))
              .as("regions of %s of %d bytes", range, size)
              .isEqualTo(blob.slice(range));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, MIB + 1})
  default void aRangeBehindTheEndIsRefused(int size) throws IOException {
    var blob = SampleBlob.of(3, size);
    blob.putInto(store());
    for (long offset : List.of(size + 1L, size + (long) CHUNK, Long.MAX_VALUE)) {
      var refused =
          catchThrowableOfType(
              OutOfRangeException.class, () -> store().open(blob.digest(), ByteRange.from(offset)));
      assertThat(refused).as("offset %d", offset).isNotNull();
      assertThat(refused.size()).isEqualTo(size);
    }
  }

  @Test
  default void readingStaysInsideTheRoomOfTheTarget() throws IOException {
    var blob = SampleBlob.of(4, 3 * KIB);
    blob.putInto(store());
    try (var reader = open(blob, ByteRange.ALL)) {
      assertThat(reader.read(ByteBuffer.allocate(0))).isZero();
      var target = ByteBuffer.allocate(KIB).position(100).limit(300);
      assertThat(reader.read(target)).isEqualTo(200);
      assertThat(target.position()).isEqualTo(300);
      assertThat(target.slice(100, 200)).isEqualTo(ByteBuffer.wrap(blob.bytes(), 0, 200));
      assertThat(target.slice(0, 100)).isEqualTo(ByteBuffer.allocate(100));
      assertThat(target.clear().slice(300, KIB - 300)).isEqualTo(ByteBuffer.allocate(KIB - 300));
    }
  }

  @Test
  default void aClosedReaderReadsNoMore() throws IOException {
    var blob = SampleBlob.of(5, 2 * MIB);
    blob.putInto(store());
    var reader = open(blob, ByteRange.ALL);
    assertThat(reader.isOpen()).isTrue();
    reader.close();
    reader.close();
    assertThat(reader.isOpen()).isFalse();
    assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  default void findMissingKeepsTheOrderAndNamesEachOnce() throws IOException {
    var stored = SampleBlob.of(6, 10);
    var large = SampleBlob.of(7, MIB + 1);
    stored.putInto(store());
    large.putInto(store());
    var first = SampleBlob.of(8, 10).digest();
    var second = SampleBlob.of(9, 10).digest();
    var third = SampleBlob.of(9, 10).sha512();
    var asked =
        List.of(second, stored.digest(), first, second, Digest.EMPTY, third, large.digest(), first);
    assertThat(store().findMissing(asked)).containsExactly(second, first, third);
    assertThat(store().findMissing(List.of())).isEmpty();
  }

  @Test
  default void whatIsSaidAtOnceIsWhatWouldBeFound() throws IOException {
    var stored = SampleBlob.of(10, 10);
    var large = SampleBlob.of(11, MIB + 1);
    stored.putInto(store());
    large.putInto(store());
    var absent = SampleBlob.of(12, 10).digest();
    var asked = List.of(large.digest(), absent, Digest.EMPTY, stored.digest(), stored.sha512());
    store()
        .sizesAtOnce(asked)
        .ifPresent(
            sizes ->
                assertThat(sizes)
                    .containsExactly(MIB + 1, BlobSource.ABSENT, 0, 10, BlobSource.ABSENT));
    store().delete(stored.digest());
    store()
        .sizesAtOnce(List.of(stored.digest()))
        .ifPresent(sizes -> assertThat(sizes).containsExactly(BlobSource.ABSENT));
  }

  private BlobReader open(SampleBlob blob, ByteRange range) throws IOException {
    return store().open(blob.digest(), range).orElseThrow();
  }
}

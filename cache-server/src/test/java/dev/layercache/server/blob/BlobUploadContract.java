package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobAdmin.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Taking a blob in: what is visible when, digests, limits, and that a refusal leaves no trace. */
interface BlobUploadContract extends BlobStoreUnderTest {

  @ParameterizedTest
  @ValueSource(ints = {100, 3 * MIB})
  default void nothingIsVisibleBeforeCommit(int size) throws IOException {
    var blob = SampleBlob.of(20, size);
    try (var upload = store().begin(UploadHint.of(blob.digest(), size))) {
      blob.writeUpTo(size, upload);
      assertThat(store().stat(blob.digest())).isEmpty();
      assertThat(store().open(blob.digest(), ByteRange.ALL)).isEmpty();
      assertThat(store().findMissing(List.of(blob.digest()))).containsExactly(blob.digest());
      assertThat(store().usage()).isEqualTo(new Usage(0, 0, 1));
      upload.commit(blob.digest());
    }
    assertThat(store().findMissing(List.of(blob.digest()))).isEmpty();
    assertThat(store().usage()).isEqualTo(new Usage(1, size, 0));
  }

  @Test
  default void writeTakesAllOfTheSourceAndKeepsNoReference() throws IOException {
    var blob = SampleBlob.of(21, 2 * CHUNK);
    var heap = ByteBuffer.wrap(blob.bytes());
    var direct = ByteBuffer.allocateDirect(CHUNK).put(blob.bytes(), CHUNK, CHUNK).flip();
    try (var upload = store().begin(UploadHint.NONE)) {
      assertThat(upload.write(heap.limit(CHUNK))).isEqualTo(CHUNK);
      assertThat(upload.write(ByteBuffer.allocate(0))).isZero();
      assertThat(upload.write(direct)).isEqualTo(CHUNK);
      assertThat(heap.hasRemaining()).isFalse();
      assertThat(direct.hasRemaining()).isFalse();
      assertThat(upload.position()).isEqualTo(2 * CHUNK);
      heap.clear().put(new byte[2 * CHUNK]);
      direct.clear().put(new byte[CHUNK]);
      upload.commit(blob.digest());
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, CHUNK + 1, 3 * MIB + 7})
  default void aWrongDigestLeavesNoTrace(int size) throws IOException {
    SampleBlob.of(22, 5).putInto(store());
    var before = store().usage();
    var received = SampleBlob.of(23, size);
    for (var expected : List.of(SampleBlob.of(24, 11).digest(), SampleBlob.of(24, 11).sha512())) {
      try (var upload = store().begin(UploadHint.of(expected, size))) {
        received.writeUpTo(size, upload);
        assertThatThrownBy(() -> upload.commit(expected))
            .isInstanceOf(DigestMismatchException.class)
            .hasMessageContaining(expected.toString());
        assertGone(upload);
      }
      assertThat(store().stat(expected)).isEmpty();
      assertThat(store().stat(received.digest()).isPresent()).isEqualTo(size == 0);
    }
    assertThat(store().usage()).isEqualTo(before);
    assertThat(store().uploads(10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 3 * MIB})
  default void aBlobThatIsThereAlreadyIsStoredOnce(int size) throws IOException {
    var blob = SampleBlob.of(25, size);
    blob.putInto(store());
    var once = store().usage();
    assertThat(blob.putInto(store())).isEqualTo(new BlobInfo(blob.digest(), size));
    assertThat(store().usage()).isEqualTo(once);
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @Test
  default void theEmptyBlobCanBePutAndTakesNoRoom() throws IOException {
    assertThat(SampleBlob.of(0, 0).putInto(store())).isEqualTo(new BlobInfo(Digest.EMPTY, 0));
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({"10,true", "10,false", "3145735,true", "3145735,false"})
  default void sha512NamesTheSameStoredBytes(int size, boolean hinted) throws IOException {
    var blob = SampleBlob.of(26, size);
    var hint = hinted ? UploadHint.of(blob.sha512(), size) : UploadHint.NONE;
    try (var upload = store().begin(hint)) {
      blob.writeUpTo(size, upload);
      assertThat(upload.commit(blob.sha512())).isEqualTo(new BlobInfo(blob.sha512(), size));
    }
    blob.putInto(store());
    for (var name : List.of(blob.sha512(), blob.digest())) {
      assertThat(store().stat(name)).contains(new BlobInfo(name, size));
      assertThat(BlobReads.read(store(), name)).hasValue(blob.bytes());
    }
    assertThat(store().usage()).isEqualTo(new Usage(1, size, 0));
  }

  @ParameterizedTest
  @CsvSource({"10,2097152", "2097152,10", "0,10", "2097152,2097151"})
  default void aHintThatWasWrongDoesNoHarm(long hinted, int size) throws IOException {
    var blob = SampleBlob.of(27, size);
    var hint = UploadHint.of(SampleBlob.of(28, 1).sha512(), hinted);
    try (var upload = store().begin(hint)) {
      blob.writeUpTo(size, upload);
      upload.commit(blob.digest());
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
    assertThat(store().usage()).isEqualTo(new Usage(1, size, 0));
  }

  @Test
  default void aHintedSizeOverTheMaximumIsRefused() throws IOException {
    var small = storeTaking(KIB);
    var hint = new UploadHint(Optional.empty(), Optional.empty(), OptionalLong.of(KIB + 1));
    assertThatThrownBy(() -> small.begin(hint)).isInstanceOf(BlobTooLargeException.class);
    assertThat(small.uploads(10)).isEmpty();
    assertThat(SampleBlob.of(29, KIB).putInto(small).size()).isEqualTo(KIB);
  }

  @ParameterizedTest
  @ValueSource(ints = {KIB, 2 * MIB})
  default void bytesOverTheMaximumAbortTheUpload(int maximum) throws IOException {
    var small = storeTaking(maximum);
    try (var upload = small.begin(UploadHint.NONE)) {
      upload.write(ByteBuffer.allocate(maximum));
      assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(1)))
          .isInstanceOf(BlobTooLargeException.class)
          .hasMessageContaining(String.valueOf(maximum));
      assertGone(upload);
    }
    assertThat(small.usage()).isEqualTo(new Usage(0, 0, 0));
  }

  private static void assertGone(BlobUpload upload) {
    assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(1)))
        .isInstanceOf(UploadGoneException.class);
    assertThatThrownBy(() -> upload.commit(Digest.EMPTY)).isInstanceOf(UploadGoneException.class);
  }
}

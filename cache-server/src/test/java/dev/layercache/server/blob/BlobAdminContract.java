package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobAdmin.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deleting blobs, listing and expiring uploads. */
interface BlobAdminContract extends BlobStoreUnderTest {

  @ParameterizedTest
  @ValueSource(ints = {10, 3 * MIB + 7})
  default void aDeletedBlobIsMissingAtOnce(int size) throws IOException {
    var blob = SampleBlob.of(80, size);
    blob.putInto(store());
    assertThat(store().delete(blob.digest())).isTrue();
    assertThat(store().stat(blob.digest())).isEmpty();
    assertThat(store().open(blob.digest(), ByteRange.ALL)).isEmpty();
    assertThat(store().findMissing(List.of(blob.digest()))).containsExactly(blob.digest());
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 0));
    assertThat(store().delete(blob.digest())).isFalse();
  }

  @Test
  default void theEmptyBlobCannotBeDeleted() throws IOException {
    store().delete(Digest.EMPTY);
    assertThat(store().stat(Digest.EMPTY)).contains(new BlobInfo(Digest.EMPTY, 0));
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  default void deletingByEitherDigestDeletesBoth(boolean bySha512) throws IOException {
    var blob = SampleBlob.of(81, 1000);
    try (var upload = store().begin(UploadHint.NONE)) {
      blob.writeUpTo(1000, upload);
      upload.commit(blob.sha512());
    }
    assertThat(store().delete(bySha512 ? blob.sha512() : blob.digest())).isTrue();
    assertThat(store().findMissing(List.of(blob.sha512(), blob.digest()))).hasSize(2);
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 0));
    blob.putInto(store());
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {10, CHUNK + 1, 3 * MIB + 7})
  default void aReaderThatIsOpenReadsADeletedBlobToItsEnd(int size) throws IOException {
    var blob = SampleBlob.of(82, size);
    blob.putInto(store());
    try (var begun = store().open(blob.digest(), ByteRange.ALL).orElseThrow();
        var fresh = store().open(blob.digest(), ByteRange.from(3)).orElseThrow();
        var regions = store().open(blob.digest(), ByteRange.ALL).orElseThrow()) {
      var first = BlobReads.exactly(3, begun);
      store().delete(blob.digest());
      assertThat(first).isEqualTo(blob.slice(new ByteRange(0, 3)));
      assertThat(BlobReads.toEnd(begun, ByteBuffer.allocate(70_000)))
          .isEqualTo(BlobReads.toEnd(fresh, ByteBuffer.allocateDirect(MIB)))
          .isEqualTo(blob.slice(ByteRange.from(3)));
      assertThat(BlobReads.byRegions(regions, new SplittableRandom(82))).isEqualTo(blob.bytes());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 3 * MIB + 7})
  default void aDeletedBlobCanBeStoredAgain(int size) throws IOException {
    var blob = SampleBlob.of(83, size);
    for (int i = 0; i < 3; i++) {
      blob.putInto(store());
      assertThat(store().usage()).isEqualTo(new Usage(1, size, 0));
      try (var reader = store().open(blob.digest(), ByteRange.ALL).orElseThrow()) {
        assertThat(store().delete(blob.digest())).isTrue();
        blob.putInto(store());
        assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
        assertThat(BlobReads.toEnd(reader, ByteBuffer.allocate(MIB))).isEqualTo(blob.bytes());
      }
      assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
      assertThat(store().delete(blob.digest())).isTrue();
    }
  }

  @Test
  default void deletingBeforeCommitDoesNotConcernTheUpload() throws IOException {
    var blob = SampleBlob.of(84, 2 * MIB);
    blob.putInto(store());
    try (var upload = store().begin(UploadHint.of(blob.digest(), 2 * MIB))) {
      blob.writeUpTo(2 * MIB, upload);
      store().delete(blob.digest());
      upload.commit(blob.digest());
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @Test
  default void uploadsAreListedLongestQuietFirst() throws IOException {
    var first = store().begin(UploadHint.NONE);
    clock().advance(Duration.ofHours(1));
    var second = store().begin(UploadHint.NONE);
    clock().advance(Duration.ofHours(1));
    var third = store().begin(UploadHint.NONE);
    clock().advance(Duration.ofHours(1));
    first.write(ByteBuffer.allocate(7));
    third.close();
    assertThat(store().uploads(10))
        .extracting(UploadInfo::id)
        .containsExactly(second.id(), third.id(), first.id());
    assertThat(store().uploads(2)).extracting(UploadInfo::id).doesNotContain(first.id());
    assertThat(store().uploads(10).getLast())
        .isEqualTo(new UploadInfo(first.id(), 7, clock().instant()));
    first.abort();
    second.abort();
  }

  @Test
  default void onlyOldUploadsThatNobodyHoldsExpire() throws IOException {
    var held = store().begin(UploadHint.NONE);
    var old = store().begin(UploadHint.NONE);
    var takenOver = store().begin(UploadHint.NONE);
    old.write(ByteBuffer.allocate(2 * MIB));
    old.close();
    var holder = store().resume(takenOver.id()).orElseThrow();
    takenOver.close();
    clock().advance(Duration.ofHours(2));
    var fresh = store().begin(UploadHint.NONE);
    fresh.close();
    var before = clock().instant().minus(Duration.ofHours(1));
    assertThat(store().expireUploads(before)).isEqualTo(1);
    assertThat(store().resume(old.id())).isEmpty();
    assertThat(store().uploads(10))
        .extracting(UploadInfo::id)
        .containsExactlyInAnyOrder(held.id(), holder.id(), fresh.id());
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 3));
    assertThat(store().expireUploads(before)).isZero();
    held.abort();
    holder.abort();
  }
}

package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.blob.BlobAdmin.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing, resuming, taking over, starting over and aborting an upload. */
interface BlobUploadLifecycleContract extends BlobStoreUnderTest {

  @ParameterizedTest
  @ValueSource(ints = {1, CHUNK, 3 * MIB + 7})
  default void anUploadResumesAtTheExactByte(int size) throws IOException {
    var random = new SplittableRandom(size);
    var blob = SampleBlob.of(40, size);
    var id = UploadId.random();
    store().begin(UploadHint.NONE.withId(id)).close();
    int sent = 0;
    while (sent < size) {
      int end = Math.min(size, sent + random.nextInt(1, 600_000));
      try (var upload = store().resume(id).orElseThrow()) {
        assertThat(upload.id()).isEqualTo(id);
        assertThat(upload.position()).isEqualTo(sent);
        blob.writeUpTo(end, upload);
      }
      assertThat(store().status(id).orElseThrow().position()).isEqualTo(end);
      sent = end;
    }
    try (var upload = store().resume(id).orElseThrow()) {
      upload.commit(blob.digest());
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
    assertThat(store().usage()).isEqualTo(new Usage(1, size, 0));
  }

  @Test
  default void anUploadThatDoesNotExistIsAbsent() throws IOException {
    assertThat(store().resume(UploadId.random())).isEmpty();
    assertThat(store().status(UploadId.random())).isEmpty();
  }

  @Test
  default void aClosedUploadTakesNoMore() throws IOException {
    var upload = store().begin(UploadHint.NONE);
    assertThat(upload.isOpen()).isTrue();
    upload.close();
    upload.close();
    assertThat(upload.isOpen()).isFalse();
    assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
    assertThat(store().status(upload.id()).orElseThrow().position()).isZero();
  }

  @Test
  default void resumeTakesTheUploadOverFromItsHolder() throws IOException {
    var blob = SampleBlob.of(41, MIB);
    try (var earlier = store().begin(UploadHint.NONE)) {
      blob.writeUpTo(300_000, earlier);
      try (var later = store().resume(earlier.id()).orElseThrow()) {
        assertFenced(earlier, blob);
        earlier.abort();
        earlier.close();
        assertThat(later.position()).isEqualTo(300_000);
        blob.writeUpTo(MIB, later);
        later.commit(blob.digest());
      }
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @Test
  default void beginUnderAnIdInUseStartsOver() throws IOException {
    var blob = SampleBlob.of(42, MIB);
    var id = UploadId.random();
    try (var earlier = store().begin(UploadHint.NONE.withId(id))) {
      blob.writeUpTo(300_000, earlier);
      try (var later = store().begin(UploadHint.NONE.withId(id))) {
        assertFenced(earlier, blob);
        earlier.abort();
        assertThat(later.position()).isZero();
        assertThat(store().usage().uploads()).isEqualTo(1);
        blob.writeUpTo(MIB, later);
        later.commit(blob.digest());
      }
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
    assertThat(store().usage()).isEqualTo(new Usage(1, MIB, 0));
  }

  @Test
  default void anIdIsFreeAgainAfterItsUploadEnded() throws IOException {
    var id = UploadId.random();
    for (int i = 0; i < 3; i++) {
      var blob = SampleBlob.of(43 + i, 10);
      try (var upload = store().begin(UploadHint.NONE.withId(id))) {
        assertThat(upload.position()).isZero();
        blob.writeUpTo(10, upload);
        upload.commit(blob.digest());
      }
    }
    assertThat(store().usage()).isEqualTo(new Usage(3, 30, 0));
  }

  @Test
  default void statusDoesNotDisturbTheWriter() throws IOException {
    var blob = SampleBlob.of(46, 1000);
    try (var upload = store().begin(UploadHint.NONE)) {
      blob.writeUpTo(400, upload);
      assertThat(store().status(upload.id()))
          .contains(new UploadInfo(upload.id(), 400, clock().instant()));
      blob.writeUpTo(1000, upload);
      upload.commit(blob.digest());
      assertThat(store().status(upload.id())).isEmpty();
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 3 * MIB})
  default void anAbortedUploadLeavesNoTrace(int size) throws IOException {
    var blob = SampleBlob.of(47, size);
    try (var upload = store().begin(UploadHint.NONE)) {
      blob.writeUpTo(size, upload);
      upload.abort();
      upload.abort();
      assertFenced(upload, blob);
      assertThat(store().resume(upload.id())).isEmpty();
      assertThat(store().status(upload.id())).isEmpty();
    }
    assertThat(store().stat(blob.digest())).isEmpty();
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 0));
  }

  @Test
  default void aCommittedUploadHasEnded() throws IOException {
    var blob = SampleBlob.of(48, 10);
    try (var upload = store().begin(UploadHint.NONE)) {
      blob.writeUpTo(10, upload);
      upload.commit(blob.digest());
      assertFenced(upload, blob);
      upload.abort();
      assertThat(store().resume(upload.id())).isEmpty();
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  private static void assertFenced(BlobUpload upload, SampleBlob blob) {
    assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(1)))
        .isInstanceOf(UploadGoneException.class)
        .hasMessageContaining(upload.id().toString());
    assertThatThrownBy(() -> upload.commit(blob.digest())).isInstanceOf(UploadGoneException.class);
  }
}

package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobAdmin.Usage;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a durable store still knows after it was closed and opened again. */
interface BlobRestartContract extends BlobStoreUnderTest {

  @Test
  default void committedBlobsSurvive() throws IOException {
    assumeTrue(durable());
    var blobs =
        List.of(
            SampleBlob.of(100, 1), SampleBlob.of(101, CHUNK + 1), SampleBlob.of(102, 3 * MIB + 7));
    for (var blob : blobs) {
      blob.putInto(store());
    }
    var before = store().usage();
    reopen();
    assertThat(store().usage()).isEqualTo(before);
    for (var blob : blobs) {
      assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
    }
    assertThat(store().stat(Digest.EMPTY)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 3 * MIB})
  default void deletedBlobsStayDeleted(int size) throws IOException {
    assumeTrue(durable());
    var blob = SampleBlob.of(103, size);
    blob.putInto(store());
    store().delete(blob.digest());
    reopen();
    assertThat(store().stat(blob.digest())).isEmpty();
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 0));
    blob.putInto(store());
    reopen();
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @Test
  default void bothDigestsOfABlobSurvive() throws IOException {
    assumeTrue(durable());
    var blob = SampleBlob.of(104, 1000);
    try (var upload = store().begin(UploadHint.NONE)) {
      blob.writeUpTo(1000, upload);
      upload.commit(blob.sha512());
    }
    reopen();
    assertThat(BlobReads.read(store(), blob.sha512())).hasValue(blob.bytes());
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @ParameterizedTest
  @CsvSource({"0,10", "100,1000", "1048577,3145735", "73400320,73400330"})
  default void anUploadResumesAtItsLastFinishedSegment(int sent, int size) throws IOException {
    assumeTrue(durable());
    var blob = SampleBlob.of(105, size);
    var id = UploadId.random();
    var abandoned = store().begin(UploadHint.of(blob.digest(), size).withId(id));
    blob.writeUpTo(sent, abandoned);
    reopen();
    assertThat(store().stat(blob.digest())).isEmpty();
    assertThat(store().usage()).isEqualTo(new Usage(0, 0, 1));
    try (var upload = store().resume(id).orElseThrow()) {
      assertThat(upload.position()).isBetween(0L, (long) sent);
      blob.writeInSlices(upload, new SplittableRandom(105));
      upload.commit(blob.digest());
    }
    reopen();
    assertThat(store().usage()).isEqualTo(new Usage(1, size, 0));
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @Test
  default void uploadsThatEndedStayEnded() throws IOException {
    assumeTrue(durable());
    var aborted = store().begin(UploadHint.NONE);
    SampleBlob.of(106, 2 * MIB).writeUpTo(2 * MIB, aborted);
    aborted.abort();
    SampleBlob.of(107, 10).putInto(store());
    reopen();
    assertThat(store().resume(aborted.id())).isEmpty();
    assertThat(store().uploads(10)).isEmpty();
    assertThat(store().usage()).isEqualTo(new Usage(1, 10, 0));
  }
}

package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading an upload while it is being written. */
interface BlobFollowContract extends BlobStoreUnderTest {
  /** Longer than any test takes. */
  Duration PATIENT = Duration.ofSeconds(30);

  /** Long enough for bytes that are visible already. */
  Duration IMPATIENT = Duration.ofMillis(200);

  @ParameterizedTest
  @ValueSource(ints = {1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 100})
  default void aFollowerStaysBehindTheWriterByAtMostAChunk(int written) throws IOException {
    var blob = SampleBlob.of(60, written);
    try (var upload = store().begin(UploadHint.NONE);
        var follower = follow(upload, 0, IMPATIENT)) {
      blob.writeUpTo(written, upload);
      var seen = new ByteArrayOutputStream();
      assertThatThrownBy(() -> copyToEnd(follower, seen)).isInstanceOf(UnavailableException.class);
      assertThat(seen.size()).isBetween(Math.max(0, written - CHUNK), written - 1);
      upload.commit(blob.digest());
      copyToEnd(follower, seen);
      assertThat(seen.toByteArray()).isEqualTo(blob.bytes());
    }
  }

  @Test
  default void followersReadAtTheirOwnPaceAndOffset() throws Exception {
    var blob = SampleBlob.of(61, 5 * MIB + 3);
    try (var upload = store().begin(UploadHint.NONE)) {
      var began = new CountDownLatch(3);
      Concurrently.run(
          4,
          number -> {
            if (number == 3) {
              began.await();
              blob.writeInSlices(upload, new SplittableRandom(61));
              upload.commit(blob.digest());
              return;
            }
            int offset = number * (MIB + 11);
            try (var follower = follow(upload, offset, PATIENT)) {
              began.countDown();
              assertThat(readSlowly(follower, 1 + number * 70_000))
                  .isEqualTo(blob.slice(ByteRange.from(offset)));
            }
          });
    }
  }

  @Test
  default void aFollowerAheadOfTheWriterWaitsForIt() throws Exception {
    var blob = SampleBlob.of(62, 3 * MIB);
    int offset = 2 * MIB + 5;
    try (var upload = store().begin(UploadHint.NONE);
        var follower = follow(upload, offset, PATIENT);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var read = executor.submit(() -> BlobReads.exactly(100, follower));
      blob.writeUpTo(MIB, upload);
      blob.writeUpTo(3 * MIB, upload);
      assertThat(Concurrently.get(read)).isEqualTo(blob.slice(new ByteRange(offset, 100)));
    }
  }

  @Test
  default void aFollowerAtTheEndOfTheBlobSeesTheEnd() throws IOException {
    var blob = SampleBlob.of(63, 1000);
    try (var upload = store().begin(UploadHint.NONE);
        var follower = follow(upload, 1000, PATIENT)) {
      blob.writeUpTo(1000, upload);
      upload.commit(blob.digest());
      assertThat(follower.read(ByteBuffer.allocate(10))).isEqualTo(-1);
    }
  }

  @Test
  default void theFollowerOfAnAbortedUploadIsTold() throws Exception {
    try (var upload = store().begin(UploadHint.NONE);
        var follower = follow(upload, 0, PATIENT);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var failure =
          executor.submit(() -> catchThrowable(() -> follower.read(ByteBuffer.allocate(10))));
      upload.write(ByteBuffer.allocate(1000));
      upload.abort();
      assertThat(Concurrently.get(failure)).isInstanceOf(UploadGoneException.class);
      assertThatThrownBy(() -> follower.read(ByteBuffer.allocate(10)))
          .isInstanceOf(UploadGoneException.class);
    }
  }

  @Test
  default void theEndOfABlobWithAWrongDigestIsNeverSeen() throws IOException {
    var blob = SampleBlob.of(64, 2 * CHUNK);
    try (var upload = store().begin(UploadHint.NONE);
        var follower = follow(upload, 0, PATIENT)) {
      blob.writeUpTo(2 * CHUNK, upload);
      assertThatThrownBy(() -> upload.commit(SampleBlob.of(65, 1).digest()))
          .isInstanceOf(DigestMismatchException.class);
      var seen = new ByteArrayOutputStream();
      assertThatThrownBy(() -> copyToEnd(follower, seen)).isInstanceOf(UploadGoneException.class);
      assertThat(seen.size()).isLessThan(2 * CHUNK);
    }
  }

  @Test
  default void theFollowerOfAnUploadThatStartsOverIsTold() throws IOException {
    try (var earlier = store().begin(UploadHint.NONE);
        var follower = follow(earlier, 0, PATIENT);
        var later = store().begin(UploadHint.NONE.withId(earlier.id()))) {
      later.write(ByteBuffer.allocate(2 * CHUNK));
      assertThatThrownBy(() -> follower.read(ByteBuffer.allocate(10)))
          .isInstanceOf(UploadGoneException.class);
    }
  }

  @Test
  default void aFollowerGoesOnWhenAnotherWriterTakesOver() throws IOException {
    var blob = SampleBlob.of(66, 2 * MIB);
    var earlier = store().begin(UploadHint.NONE);
    try (var follower = follow(earlier, 0, PATIENT)) {
      blob.writeUpTo(MIB, earlier);
      earlier.close();
      try (var later = store().resume(earlier.id()).orElseThrow()) {
        blob.writeUpTo(2 * MIB, later);
        later.commit(blob.digest());
      }
      assertThat(readSlowly(follower, 100_000)).isEqualTo(blob.bytes());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3 * MIB})
  default void aFollowerReadsOnWhenTheBlobWasThereAlready(int size) throws IOException {
    var blob = SampleBlob.of(67, size);
    try (var upload = store().begin(UploadHint.NONE);
        var follower = follow(upload, 0, PATIENT)) {
      blob.writeUpTo(size, upload);
      blob.putInto(store());
      upload.commit(blob.digest());
      assertThat(readSlowly(follower, 100_000)).isEqualTo(blob.bytes());
    }
  }

  @Test
  default void closingAFollowerDoesNotEndTheUpload() throws IOException {
    var blob = SampleBlob.of(68, MIB);
    try (var upload = store().begin(UploadHint.NONE)) {
      blob.writeUpTo(MIB / 2, upload);
      var follower = follow(upload, 0, PATIENT);
      assertThat(follower.read(ByteBuffer.allocate(0))).isZero();
      follower.close();
      follower.close();
      assertThat(follower.isOpen()).isFalse();
      assertThatThrownBy(() -> follower.read(ByteBuffer.allocate(10)))
          .isInstanceOf(ClosedChannelException.class);
      blob.writeUpTo(MIB, upload);
      upload.commit(blob.digest());
    }
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
  }

  @Test
  default void onlyAnUnfinishedUploadIsFollowed() throws IOException {
    assertThat(store().follow(UploadId.random(), 0, PATIENT)).isEmpty();
    try (var upload = store().begin(UploadHint.NONE)) {
      upload.abort();
      assertThat(store().follow(upload.id(), 0, PATIENT)).isEmpty();
    }
  }

  @Test
  default void closingTheStoreEndsTheWaitOfAFollower() throws Exception {
    var closing = storeTaking(MIB);
    try (var upload = closing.begin(UploadHint.NONE);
        var follower = closing.follow(upload.id(), 0, PATIENT).orElseThrow();
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var failure =
          executor.submit(() -> catchThrowable(() -> follower.read(ByteBuffer.allocate(10))));
      closing.close();
      assertThat(Concurrently.get(failure)).isInstanceOf(UnavailableException.class);
    }
  }

  private BlobFollower follow(BlobUpload upload, int offset, Duration patience) throws IOException {
    return store().follow(upload.id(), offset, patience).orElseThrow();
  }

  private static byte[] readSlowly(BlobFollower follower, int step) throws IOException {
    var seen = new ByteArrayOutputStream();
    var first = ByteBuffer.allocate(step);
    assertThat(follower.read(first)).isBetween(1, step);
    seen.write(first.array(), 0, first.position());
    copyToEnd(follower, seen);
    return seen.toByteArray();
  }

  private static void copyToEnd(BlobFollower follower, ByteArrayOutputStream seen)
      throws IOException {
    var buffer = ByteBuffer.allocate(100_000);
    while (follower.read(buffer) >= 0) {
      assertThat(buffer.position()).isPositive();
      seen.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
  }
}

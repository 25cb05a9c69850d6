package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobAdmin.Usage;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many threads on few digests. */
interface BlobRaceContract extends BlobStoreUnderTest {

  @ParameterizedTest
  @ValueSource(ints = {4 * KIB, 2 * MIB})
  default void concurrentWritersOfOneBlobAllSucceed(int size) throws Exception {
    var blob = SampleBlob.of(120, size);
    var allWritten = new CyclicBarrier(16);
    Concurrently.run(
        16,
        number -> {
          try (var upload = store().begin(UploadHint.NONE)) {
            blob.writeInSlices(upload, new SplittableRandom(number));
            allWritten.await(30, TimeUnit.SECONDS);
            assertThat(upload.commit(blob.digest())).isEqualTo(new BlobInfo(blob.digest(), size));
            assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
          }
        });
    assertThat(store().usage()).isEqualTo(new Usage(1, size, 0));
  }

  @Test
  default void manyWhoResumeOneUploadLeaveOneHolder() throws Exception {
    var blob = SampleBlob.of(121, MIB);
    var id = UploadId.random();
    store().begin(UploadHint.NONE.withId(id)).close();
    var committed = new CountDownLatch(1);
    Concurrently.run(
        8,
        number -> {
          var random = new SplittableRandom(number);
          while (committed.getCount() > 0) {
            var resumed = store().resume(id);
            if (resumed.isEmpty()) {
              break;
            }
            try (var upload = resumed.get()) {
              int left = MIB - (int) upload.position();
              int more = Math.min(left, random.nextInt(1, 100_000));
              blob.writeUpTo(MIB - left + more, upload);
              if (upload.position() == MIB) {
                upload.commit(blob.digest());
                committed.countDown();
              }
            } catch (UploadGoneException takenOver) {
              assertThat(takenOver).hasMessageContaining(id.toString());
            }
          }
        });
    assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
    assertThat(store().usage()).isEqualTo(new Usage(1, MIB, 0));
  }

  @ParameterizedTest
  @ArgumentsSource(Seeds.class)
  default void whatIsOpenedIsAlwaysWhole(long seed) {
    Seeds.naming(seed, () -> raceOnFewBlobs(seed));
  }

  private void raceOnFewBlobs(long seed) throws Exception {
    var blobs =
        List.of(
            SampleBlob.of(122, 100),
            SampleBlob.of(123, 4 * KIB),
            SampleBlob.of(124, CHUNK + 50_000),
            SampleBlob.of(125, MIB + CHUNK));
    var digests = blobs.stream().map(SampleBlob::digest).toList();
    Concurrently.run(
        8,
        number -> {
          var random = new SplittableRandom(seed + number);
          for (int step = 0; step < 100; step++) {
            var blob = blobs.get(random.nextInt(blobs.size()));
            switch (random.nextInt(5)) {
              case 0, 1 -> blob.putInto(store());
              case 2 -> store().delete(blob.digest());
              case 3 -> assertThat(store().findMissing(digests)).isSubsetOf(digests);
              default -> assertReadsBackIfStored(blob, random);
            }
          }
        });
    var missing = store().findMissing(digests);
    var stored = blobs.stream().filter(blob -> !missing.contains(blob.digest())).toList();
    for (var blob : stored) {
      assertThat(BlobReads.read(store(), blob.digest())).hasValue(blob.bytes());
    }
    long bytes = stored.stream().mapToLong(SampleBlob::size).sum();
    assertThat(store().usage()).isEqualTo(new Usage(stored.size(), bytes, 0));
    assertThat(store().stat(Digest.EMPTY)).isPresent();
  }

  private void assertReadsBackIfStored(SampleBlob blob, SplittableRandom random)
      throws IOException {
    var range = ByteRange.from(random.nextInt(blob.size() + 1));
    var read = BlobReads.read(store(), blob.digest(), range);
    if (read.isPresent()) {
      assertThat(read).as("%s of %s", range, blob.digest()).hasValue(blob.slice(range));
    }
  }
}

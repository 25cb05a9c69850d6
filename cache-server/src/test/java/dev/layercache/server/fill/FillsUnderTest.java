package dev.layercache.server.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.ManualClock;
import dev.layercache.server.blob.SampleBlob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What the parts of {@link FillsContract} work on. */
interface FillsUnderTest {
  int MIB = 1 << 20;

  /** Closed after the test. */
  Fills fills();

  /** The store that they fill. */
  BlobStore store();

  /** The clock of both. */
  ManualClock clock();

  /** Has nothing yet. */
  TestOrigin origin();

  /** Closes fills and store and opens them again, as a restart does. */
  void restart() throws IOException;

  /** Fills within other limits on the same store, to be closed by the test. */
  Fills fillsWithin(FillLimits limits);

  /** Reads a range through {@link #fills} from {@link #origin}. */
  default byte[] read(SampleBlob blob, ByteRange range) throws IOException {
    try (var reader = fills().open(blob.digest(), range, origin()).orElseThrow()) {
      return drain(reader, 128 << 10);
    }
  }

  /** Reads to the end. */
  default byte[] drain(BlobReader reader, int step) throws IOException {
    var seen = new ByteArrayOutputStream();
    copy(reader, step, seen);
    return seen.toByteArray();
  }

  /** Reads to the end or until it fails. */
  default void copy(BlobReader reader, int step, ByteArrayOutputStream seen) throws IOException {
    var buffer = ByteBuffer.allocate(step);
    while (reader.read(buffer) >= 0) {
      seen.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
  }

  /** Returns once the blob is stored. */
  default void awaitStored(SampleBlob blob) throws IOException {
    try (var prefetch = fills().prefetch(blob.digest(), origin())) {
      assertThat(prefetch.await()).hasValue(new BlobInfo(blob.digest(), blob.size()));
    }
  }
}

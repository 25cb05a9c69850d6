package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.blob.BlobCounters.Snapshot;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeteredBlobStoreTest extends BlobStoreContract {
  private final BlobCounters counters = new BlobCounters();

  @Override
  protected BlobStore open(Path directory, long maxBlobBytes, Clock clock) {
    return new MeteredBlobStore(new MemoryBlobStore(maxBlobBytes, clock), counters);
  }

  @Override
  public boolean durable() {
    return false;
  }

  @Test
  void opensAreHitsOrMissesAndOtherQuestionsAreNeither() throws IOException {
    var stored = SampleBlob.of(1, 10);
    var absent = SampleBlob.of(2, 10).digest();
    stored.putInto(store());
    store().stat(stored.digest());
    store().stat(absent);
    store().findMissing(List.of(stored.digest(), absent));
    assertThatThrownBy(() -> store().open(stored.digest(), ByteRange.from(11)))
        .isInstanceOf(OutOfRangeException.class);
    assertThat(counters.snapshot()).isEqualTo(new Snapshot(0, 0, 10, 0));
    store().open(stored.digest(), ByteRange.ALL).orElseThrow().close();
    store().open(stored.digest(), ByteRange.ALL).orElseThrow().close();
    assertThat(store().open(absent, ByteRange.ALL)).isEmpty();
    assertThat(counters.snapshot()).isEqualTo(new Snapshot(2, 1, 10, 0));
  }

  @Test
  void bytesAreCountedAsTheyMove() throws IOException {
    var blob = SampleBlob.of(3, MIB);
    try (var upload = store().begin(UploadHint.NONE);
        var follower = store().follow(upload.id(), MIB - 7, Duration.ofSeconds(30)).orElseThrow()) {
      blob.writeUpTo(1000, upload);
      try (var resumed = store().resume(upload.id()).orElseThrow()) {
        blob.writeUpTo(MIB, resumed);
        resumed.commit(blob.digest());
      }
      assertThat(counters.snapshot()).isEqualTo(new Snapshot(0, 0, MIB, 0));
      BlobReads.exactly(7, follower);
      assertThat(follower.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    assertThat(counters.snapshot()).isEqualTo(new Snapshot(0, 0, MIB, 7));
    BlobReads.read(store(), blob.digest(), ByteRange.from(MIB - 100));
    assertThat(counters.snapshot()).isEqualTo(new Snapshot(1, 0, MIB, 107));
  }

  @Test
  void fileRegionsAreBytesSent(@TempDir Path directory) throws IOException {
    var blob = SampleBlob.of(4, 900_000);
    var path = Files.write(directory.resolve("blob"), blob.bytes());
    try (var file = FileChannel.open(path);
        var reader = new MeteredBlobReader(new FileReader(blob, file), counters)) {
      assertThat(BlobReads.byRegions(reader, new SplittableRandom(4))).isEqualTo(blob.bytes());
    }
    assertThat(counters.snapshot()).isEqualTo(new Snapshot(0, 0, 0, 900_000));
  }

  /** Offers a whole file in regions. */
  private static final class FileReader implements BlobReader {
    private final SampleBlob blob;
    private final FileChannel file;
    private long position;

    FileReader(SampleBlob blob, FileChannel file) {
      this.blob = blob;
      this.file = file;
    }

    @Override
    public BlobInfo info() {
      return new BlobInfo(blob.digest(), blob.size());
    }

    @Override
    public long remaining() {
      return blob.size() - position;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      int read = file.read(target, position);
      position += Math.max(0, read);
      return read;
    }

    @Override
    public Optional<FileRegion> nextRegion(long most) {
      long length = Math.min(most, remaining());
      var region = new FileRegion(file, position, length);
      position += length;
      return length == 0 ? Optional.empty() : Optional.of(region);
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() {}
  }
}

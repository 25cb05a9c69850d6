package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.ByteRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.CompressionType;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.SstFileWriter;

/** A directory of version 1: its segments were written by RocksDB and packed more tightly. */
class VersionOneTest {
  private static final long ID = 70_000;

  @TempDir private Path root;

  @Test
  void itsBlobsAreServedButNotByPositionAndItsUploadsAreGone() throws Exception {
    byte[] bytes = new byte[3 * SegmentLayout.CHUNK + 1000];
    new Random(1).nextBytes(bytes);
    RocksStore.open(root, StoreOptions.DEFAULTS, Clock.systemUTC()).close();
    storePacked(bytes);
    Files.writeString(root.resolve("VERSION"), "layercache 1\n");
    Files.write(root.resolve("staging/71000-0.sst"), bytes);
    try (var store = RocksStore.open(root, StoreOptions.DEFAULTS, Clock.systemUTC());
        var reader = store.blobs().open(Digest.of(bytes), ByteRange.ALL).orElseThrow()) {
      assertThat(root.resolve("VERSION")).hasContent("layercache 3\n");
      assertThat(root.resolve("staging")).isEmptyDirectory();
      assertThat(reader.nextRegion(Long.MAX_VALUE)).isEmpty();
      assertThat(reader.remaining()).isEqualTo(bytes.length);
      var read = ByteBuffer.allocateDirect(bytes.length);
      while (read.hasRemaining()) {
        reader.read(read);
      }
      assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(bytes));
    }
  }

  private void storePacked(byte[] bytes) throws Exception {
    Path packed = root.resolve("staging/packed.sst");
    try (var environment = new EnvOptions();
        var options =
            new Options()
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(SegmentWriter.tableFormat());
        var writer = new SstFileWriter(environment, options)) {
      writer.open(packed.toString());
      for (int at = 0; at < bytes.length; at += SegmentLayout.CHUNK) {
        var key = ByteBuffer.allocateDirect(BlobKeys.CHUNK_KEY);
        BlobKeys.chunk(key, ID, at);
        int length = Math.min(SegmentLayout.CHUNK, bytes.length - at);
        writer.put(key, ByteBuffer.allocateDirect(length).put(bytes, at, length).flip());
      }
      writer.finish();
    }
    publish(packed, bytes);
  }

  private void publish(Path packed, byte[] bytes) throws Exception {
    try (var ingested = new FileKeeper.Ingested();
        var database = Database.open(root.resolve("db"), StoreOptions.DEFAULTS, ingested);
        var files = new FileKeeper(database, ingested, Duration.ofSeconds(10))) {
      long number = files.ingest(ID, List.of(packed)).getFirst();
      var record =
          new BlobRecord.Large(ID, bytes.length, List.of(new Segment(0, bytes.length, number)));
      byte[] key = BlobKeys.record(Digest.of(bytes));
      database.rocks().put(database.records(), key, record.encode());
      database.rocks().put(database.ids(), BlobKeys.id(ID), key);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

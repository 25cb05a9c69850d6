package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UploadId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is dropped of the files that a start finds, and what is not. */
class OrphansTest {
  private static final long FIRST_NEW = 1_000;

  private final DirectBuffers buffers =
      new DirectBuffers(SegmentWriter.BUFFER, SegmentLayout.PAGE, 1);

  @TempDir private Path root;
  private DataDirectory data;
  private FileKeeper.Ingested ingested;
  private Database database;
  private FileKeeper files;

  @BeforeEach
  void open() throws Exception {
    data = DataDirectory.open(root);
    ingested = new FileKeeper.Ingested();
    database = Database.open(data.database(), StoreOptions.DEFAULTS, ingested);
    files = new FileKeeper(database, ingested, Duration.ofSeconds(30));
  }

  @AfterEach
  void close() throws Exception {
    files.close();
    database.close();
    ingested.close();
    data.close();
  }

  @Test
  void filesThatNoRecordNamedAtTheStartAreDropped() throws Exception {
    ingest(1);
    ingest(2);
    record(1);
    orphans(List.of()).dropAll();
    assertThat(ids()).containsExactly(1L);
  }

  @Test
  void whatIsStoredOrDeletedAfterTheStartIsLeftAlone() throws Exception {
    ingest(1);
    record(1);
    var orphans = orphans(List.of());
    // A reader may still be open.
    database.rocks().delete(database.ids(), BlobKeys.id(1));
    // Its record is about to be written.
    ingest(FIRST_NEW);
    orphans.dropAll();
    assertThat(ids()).containsExactly(1L, FIRST_NEW);
  }

  @Test
  void anUploadThatGoesOnIsIngestedOnce() throws Exception {
    ingest(7);
    var segment = new Segment(0, 1, 0);
    var upload = new UploadJournal.Entry(UploadId.random(), 7, Instant.EPOCH, List.of(segment));
    var orphans = orphans(List.of(upload));
    drain();
    assertThat(ids()).as("what was ingested before the crash").isEmpty();
    ingest(7);
    orphans.dropAll();
    assertThat(ids()).as("what the resumed upload ingested").containsExactly(7L);
  }

  private Orphans orphans(List<UploadJournal.Entry> resumable) {
    return new Orphans(database, files, resumable, FIRST_NEW);
  }

  private void record(long id) throws Exception {
    byte[] key = BlobKeys.record(Digest.of(new byte[] {1}));
    database.rocks().put(database.ids(), BlobKeys.id(id), key);
  }

  private void ingest(long id) throws Exception {
    Path file = data.staging().resolve(id + "-0.sst");
    var buffer = buffers.take();
    try (var writer = new SegmentWriter(file, id, 0, BlockChecksum.CRC32C, buffer, false)) {
      writer.chunk().put((byte) 1);
      writer.append();
      writer.finish();
    } finally {
      buffers.give(buffer);
    }
    files.ingest(id, List.of(file));
  }

  /** Whose files are there, once everything that was queued is done. */
  private List<Long> ids() throws Exception {
    drain();
    var ids = new TreeSet<Long>();
    for (var file : database.rocks().getLiveFilesMetaData()) {
      if (new String(file.columnFamilyName(), StandardCharsets.US_ASCII).startsWith("chunk-")) {
        ids.add(ByteBuffer.wrap(file.smallestKey()).getLong());
      }
    }
    return new ArrayList<>(ids);
  }

  private void drain() throws Exception {
    files.runAlone(() -> {}, Duration.ofSeconds(30));
  }
}

package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.CorruptBlobException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.SpaceBudget.SpaceUse;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** What only the durable store has: files, segments, bounds. The rest is in its contract. */
class RocksStoreTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path root;

  @Test
  void aLargeBlobIsOfferedAsRegionsOfItsFiles() throws IOException {
    byte[] bytes = bytes(1, 5 * MIB + 7);
    try (var store = open(options().toBuilder().segmentBytes(2 * MIB).build())) {
      var digest = put(store.blobs(), bytes);
      try (var reader = store.blobs().open(digest, ByteRange.from(100_000)).orElseThrow()) {
        var read = ByteBuffer.allocate(bytes.length);
        int regions = 0;
        for (var region = reader.nextRegion(MIB);
            region.isPresent();
            region = reader.nextRegion(MIB)) {
          var window = read.slice(read.position(), (int) region.get().length());
          region.get().file().read(window, region.get().position());
          read.position(read.position() + (int) region.get().length());
          regions++;
        }
        assertThat(regions).isEqualTo(21);
        assertThat(reader.remaining()).isZero();
        assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(bytes, 100_000, bytes.length - 100_000));
      }
    }
  }

  @Test
  void aDamagedChunkIsNeverServedAndTheBlobIsMissingAfterwards() throws IOException {
    byte[] bytes = bytes(2, 2 * MIB);
    Digest digest;
    try (var store = open(options())) {
      digest = put(store.blobs(), bytes);
    }
    flipIn(largestFile(root.resolve("db")), MIB);
    try (var store = open(options())) {
      var reader = store.blobs().open(digest, ByteRange.ALL).orElseThrow();
      assertThatThrownBy(() -> drain(reader)).isInstanceOf(CorruptBlobException.class);
      reader.close();
      assertThat(store.blobs().findMissing(List.of(digest))).containsExactly(digest);
      assertThat(store.blobs().usage().bytes()).isZero();
      put(store.blobs(), bytes);
      try (var again = store.blobs().open(digest, ByteRange.ALL).orElseThrow()) {
        assertThat(drain(again)).isEqualTo(ByteBuffer.wrap(bytes));
      }
    }
  }

  @Test
  void filesThatBelongToNothingAreGoneAfterAStart() throws Exception {
    byte[] bytes = bytes(3, 2 * MIB);
    try (var store = open(options())) {
      put(store.blobs(), bytes);
    }
    forgetRecordsOf(root);
    Files.write(root.resolve("staging").resolve("77-0.sst"), bytes);
    Path options = Files.write(root.resolve("db").resolve("OPTIONS-000003.dbtmp"), bytes);
    try (var store = open(options())) {
      assertThat(root.resolve("staging")).isEmptyDirectory();
      assertThat(options).doesNotExist();
      var large = put(store.blobs(), bytes(4, MIB));
      for (int i = 0; i < 500 && bytesIn(root.resolve("db")) > 2 * MIB; i++) {
        Thread.sleep(20);
      }
      assertThat(store.blobs().stat(large)).isPresent();
    }
    assertThat(bytesIn(root.resolve("db"))).isBetween((long) MIB, 2L * MIB);
  }

  @Test
  void theSpaceOfADeletedBlobIsFreedOnceItsLastReaderIsClosed() throws IOException {
    byte[] bytes = bytes(5, 4 * MIB);
    try (var store = open(options())) {
      var digest = put(store.blobs(), bytes);
      try (var reader = store.blobs().open(digest, ByteRange.ALL).orElseThrow()) {
        assertThat(store.blobs().delete(digest)).isTrue();
        assertThat(drain(reader)).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(bytesIn(root.resolve("db"))).isGreaterThan(4L * MIB);
      }
    }
    assertThat(bytesIn(root.resolve("db"))).isLessThan(2L * MIB);
  }

  @Test
  void aStoreFromBeforeATableWasAddedGetsIt() throws Exception {
    Digest digest;
    try (var store = open(options())) {
      digest = put(store.blobs(), bytes(1, 100));
    }
    withAllFamilies(
        (db, families) -> {
          for (var family : families) {
            if (List.of("integrity", "tombstones").contains(name(family))) {
              db.dropColumnFamily(family);
            }
          }
        });
    try (var store = open(options())) {
      assertThat(store.blobs().stat(digest)).isPresent();
      assertThat(store.inventory().quarantinedEver()).isZero();
    }
  }

  @Test
  void aTableThatIsNotKnownMeansANewerVersion() throws Exception {
    open(options()).close();
    withAllFamilies(
        (db, families) ->
            db.createColumnFamily(
                    new ColumnFamilyDescriptor("time-machine".getBytes(StandardCharsets.UTF_8)))
                .close());
    assertThatThrownBy(() -> open(options()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("newer layercache")
        .hasMessageContaining("time-machine");
  }

  @Test
  void recordsThatContradictEachOtherAreReportedAndRepaired() throws Exception {
    Digest withoutId;
    Digest withoutRecord;
    try (var store = open(options())) {
      withoutId = put(store.blobs(), bytes(1, 100));
      withoutRecord = put(store.blobs(), bytes(2, 200));
    }
    withAllFamilies(
        (db, families) -> {
          var byName = families.stream().collect(Collectors.toMap(RocksStoreTest::name, f -> f));
          byte[] record = db.get(byName.get("blobs"), BlobKeys.record(withoutId));
          long id = ByteBuffer.wrap(record, 1, Long.BYTES).getLong();
          db.delete(byName.get("ids"), BlobKeys.id(id));
          db.delete(byName.get("blobs"), BlobKeys.record(withoutRecord));
        });
    try (var store = open(options())) {
      var inventory = store.inventory();
      var records = inventory.checkRecords(() -> true);
      assertThat(records).hasSize(1);
      assertThat(records.getFirst().blob()).contains(withoutId);
      assertThat(records.getFirst().why()).contains("restored");
      var page = inventory.after(0, 100);
      assertThat(page.items()).extracting(item -> item.digest()).containsExactly(withoutId);
      assertThat(page.damage()).hasSize(1);
      assertThat(page.damage().getFirst().why()).contains("no record names it");

      assertThat(inventory.checkRecords(() -> true)).isEmpty();
      assertThat(inventory.after(0, 100).damage()).isEmpty();
    }
  }

  private interface Change {
    void apply(RocksDB db, List<ColumnFamilyHandle> families) throws Exception;
  }

  private void withAllFamilies(Change change) throws Exception {
    String path = root.resolve("db").toString();
    try (var options = new Options()) {
      var descriptors =
          RocksDB.listColumnFamilies(options, path).stream()
              .map(ColumnFamilyDescriptor::new)
              .toList();
      var families = new ArrayList<ColumnFamilyHandle>();
      try (var db = RocksDB.open(path, descriptors, families)) {
        change.apply(db, families);
        families.forEach(ColumnFamilyHandle::close);
      }
    }
  }

  private static String name(ColumnFamilyHandle family) {
    try {
      return new String(family.getName(), StandardCharsets.UTF_8);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void idsAreNeverUsedAgain() throws IOException {
    long first;
    try (var data = DataDirectory.open(root);
        var listener = new FileKeeper.Ingested();
        var database = Database.open(data.database(), StoreOptions.DEFAULTS, listener)) {
      first = new BlobIds(database).take();
      assertThat(new BlobIds(database).take()).isGreaterThan(first);
    }
  }

  @Test
  void oneWriterServesManyInterleavedUploads() throws IOException {
    var few = options(Duration.ofSeconds(30), 64 << 10, 1);
    try (var store = open(few)) {
      var first = store.blobs().begin(UploadHint.NONE);
      var second = store.blobs().begin(UploadHint.NONE);
      byte[] one = bytes(6, 3 * MIB);
      byte[] two = bytes(7, 3 * MIB);
      for (int at = 0; at < one.length; at += 300_000) {
        int length = Math.min(300_000, one.length - at);
        first.write(ByteBuffer.wrap(one, at, length));
        second.write(ByteBuffer.wrap(two, at, length));
      }
      first.commit(Digest.of(one));
      second.commit(Digest.of(two));
      try (var reader = store.blobs().open(Digest.of(two), ByteRange.ALL).orElseThrow()) {
        assertThat(drain(reader)).isEqualTo(ByteBuffer.wrap(two));
      }
    }
  }

  @Test
  void sizesOfBlobsThatWereJustStoredAreKnownAtOnce() throws IOException {
    try (var store = open(options())) {
      var small = put(store.blobs(), bytes(11, 10));
      var large = put(store.blobs(), bytes(12, MIB));
      assertThat(store.blobs().sizesAtOnce(List.of(small, large)).orElseThrow())
          .containsExactly(10, MIB);
      store.blobs().delete(small);
      assertThat(store.blobs().sizesAtOnce(List.of(large, small))).isEmpty();
    }
  }

  @Test
  void theWriterOfAQuietUploadIsFoundAmongManyThatHaveNone() throws IOException {
    var few = options(Duration.ofSeconds(30), 64 << 10, 1);
    try (var store = open(few.toBuilder().patience(Duration.ofMillis(100)).build())) {
      for (int i = 0; i < 50; i++) {
        store.blobs().begin(UploadHint.NONE).write(ByteBuffer.wrap(bytes(i, 10)));
      }
      var first = store.blobs().begin(UploadHint.NONE);
      var second = store.blobs().begin(UploadHint.NONE);
      first.write(ByteBuffer.wrap(bytes(6, MIB)));
      second.write(ByteBuffer.wrap(bytes(7, MIB)));
      second.commit(Digest.of(bytes(7, MIB)));
      first.commit(Digest.of(bytes(6, MIB)));
      assertThat(store.blobs().usage().bytes()).isEqualTo(2L * MIB);
    }
  }

  @Test
  void theFirstBytesOfLargeUploadsTakeNoWriter() throws IOException {
    byte[] bytes = bytes(10, MIB);
    var hint = UploadHint.of(Digest.of(bytes), bytes.length);
    try (var store = open(options(Duration.ofSeconds(30), 256 << 10, 1))) {
      var uploads = new ArrayList<BlobUpload>();
      for (int i = 0; i < 100; i++) {
        var upload = store.blobs().begin(hint.withId(UploadId.random()));
        upload.write(ByteBuffer.wrap(bytes, 0, 1000));
        uploads.add(upload);
      }
      assertThat(root.resolve("staging")).isEmptyDirectory();
      var last = uploads.removeLast();
      last.write(ByteBuffer.wrap(bytes, 1000, bytes.length - 1000));
      last.commit(Digest.of(bytes));
      uploads.forEach(BlobUpload::abort);
      try (var reader = store.blobs().open(Digest.of(bytes), ByteRange.ALL).orElseThrow()) {
        assertThat(drain(reader)).isEqualTo(ByteBuffer.wrap(bytes));
      }
    }
  }

  @Test
  void anIdleUploadIsFinishedOnDiskAndGoesOnAtTheExactByte() throws Exception {
    byte[] bytes = bytes(8, 2 * MIB);
    var id = UploadId.random();
    try (var store = open(options(Duration.ofMillis(50), 64 << 10, 8))) {
      try (var upload = store.blobs().begin(UploadHint.NONE.withId(id))) {
        upload.write(ByteBuffer.wrap(bytes, 0, 700_001));
        var staged = root.resolve("staging");
        awaitFinishedSegment(staged);
        upload.write(ByteBuffer.wrap(bytes, 700_001, 100));
      }
      try (var upload = store.blobs().resume(id).orElseThrow()) {
        assertThat(upload.position()).isEqualTo(700_101);
        upload.write(ByteBuffer.wrap(bytes, 700_101, bytes.length - 700_101));
        upload.commit(Digest.of(bytes));
      }
      try (var reader =
          store.blobs().open(Digest.of(bytes), ByteRange.from(699_000)).orElseThrow()) {
        assertThat(drain(reader))
            .isEqualTo(ByteBuffer.wrap(bytes, 699_000, bytes.length - 699_000));
      }
    }
  }

  @Test
  void bytesThatWereTakenStayWhenThereIsNoWriterForMore() throws IOException {
    byte[] bytes = bytes(12, 1000);
    var none = options(Duration.ofSeconds(30), 64 << 10, 0);
    try (var store = open(none.toBuilder().patience(Duration.ofMillis(50)).build());
        var upload = store.blobs().begin(UploadHint.NONE)) {
      upload.write(ByteBuffer.wrap(bytes, 0, 900));
      assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(MIB)))
          .isInstanceOf(UnavailableException.class);
      assertThat(upload.position()).isEqualTo(900);
      upload.write(ByteBuffer.wrap(bytes, 900, 100));
      upload.commit(Digest.of(bytes));
      assertThat(store.blobs().stat(Digest.of(bytes))).isPresent();
    }
  }

  @Test
  void nothingIsTakenInBelowTheReserve() throws IOException {
    var blob = bytes(9, 10);
    Digest digest;
    try (var store = open(options())) {
      digest = put(store.blobs(), blob);
    }
    var budget =
        new Budget(
            Long.MAX_VALUE,
            logged -> new SpaceUse(0, 0, 0, 0, Long.MAX_VALUE),
            Duration.ofSeconds(1),
            () -> {});
    var guard = new SpaceGuard(root, 1, budget);
    assertThatThrownBy(() -> guard.require(Long.MAX_VALUE / 2))
        .isInstanceOf(OutOfSpaceException.class)
        .hasMessageContaining("disk is full");
    try (var store = open(options())) {
      assertThatThrownBy(() -> store.blobs().begin(UploadHint.of(digest, options().maxBlobBytes())))
          .isInstanceOf(OutOfSpaceException.class);
      assertThat(store.blobs().usage().uploads()).isZero();
      assertThat(store.blobs().stat(digest)).isPresent();
    }
  }

  private RocksStore open(StoreOptions options) throws IOException {
    return RocksStore.open(root, options, Clock.systemUTC());
  }

  private static StoreOptions options() {
    return options(Duration.ofSeconds(30), 256 << 10, 64);
  }

  private static StoreOptions options(Duration idleAfter, int smallBlobBytes, int writers) {
    return StoreOptions.DEFAULTS.toBuilder()
        .maxBlobBytes(1L << 60)
        .smallBlobBytes(smallBlobBytes)
        .segmentBytes(64 * MIB)
        .smallBufferBytes(8 * MIB)
        .maxWriters(writers)
        .maxUploads(100)
        .idleAfter(idleAfter)
        .patience(Duration.ofSeconds(10))
        .reserveBytes(MIB)
        .presenceEntries(1024)
        .build();
  }

  private static Digest put(BlobStore store, byte[] bytes) throws IOException {
    var digest = Digest.of(bytes);
    try (var upload = store.begin(UploadHint.of(digest, bytes.length))) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.commit(digest);
    }
    return digest;
  }

  private static ByteBuffer drain(BlobReader reader) throws IOException {
    var bytes = ByteBuffer.allocateDirect((int) reader.remaining());
    while (reader.read(bytes) > 0) {
      // Until the end.
    }
    return bytes.flip();
  }

  private static byte[] bytes(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Path largestFile(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".sst"))
          .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
          .orElseThrow();
    }
  }

  private static long bytesIn(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".sst"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  private static void flipIn(Path file, long position) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      var one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) (one.get(0) ^ 1)).rewind();
      channel.write(one, position);
    }
  }

  /** As a crash leaves it between the ingestion of a file and the write of its record. */
  private static void forgetRecordsOf(Path root) throws IOException {
    try (var data = DataDirectory.open(root);
        var listener = new FileKeeper.Ingested();
        var database = Database.open(data.database(), StoreOptions.DEFAULTS, listener);
        var entries = database.rocks().newIterator(database.ids())) {
      for (entries.seekToFirst(); entries.isValid(); entries.next()) {
        database.rocks().delete(database.records(), entries.value());
        database.rocks().delete(database.ids(), entries.key());
      }
    } catch (RocksDBException e) {
      throw new IOException(e);
    }
  }

  private static void awaitFinishedSegment(Path staging) throws Exception {
    // A finished table ends with its footer; an unfinished one holds back its newest chunk.
    for (int i = 0; i < 500; i++) {
      try (var files = Files.list(staging)) {
        if (files.anyMatch(file -> file.toFile().length() > 700_001)) {
          return;
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("the idle upload was not finished");
  }
}

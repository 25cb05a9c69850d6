package dev.layercache.server.integrity;

import static dev.layercache.server.faults.StoredFiles.bytes;
import static dev.layercache.server.faults.StoredFiles.put;
import static dev.layercache.server.faults.StoredFiles.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.Table;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BackupTest {
  private static final int MIB = 1 << 20;
  private static final int BACKUPS = 5;

  @TempDir private Path directory;

  @Test
  void aBackupHoldsWhatWasStoredAndLivesOnItsOwn() throws Exception {
    byte[] large = bytes(1, 5 * MIB);
    Digest digest;
    try (var store = open("data")) {
      digest = put(store.blobs(), large);
      store.metadata().write(List.of(new Change.Put(Table.TAGS, new byte[] {1}, new byte[] {2})));
      Files.createDirectory(directory.resolve("copy"));
      store.backup(directory.resolve("copy"));
      store.blobs().delete(digest);
    }
    try (var copy = open("copy")) {
      assertThat(read(copy.blobs(), digest)).contains(ByteBuffer.wrap(large));
      assertThat(copy.metadata().get(Table.TAGS, new byte[] {1})).contains(new byte[] {2});
      assertThat(copy.blobs().usage().blobs()).isEqualTo(1);
    }
  }

  @Test
  void backupsUnderLoadAreEachConsistent() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("BackupTest seed " + seed);
    Map<Digest, byte[]> stored = new ConcurrentHashMap<>();
    var expected = new ArrayList<Map<Digest, byte[]>>();
    var ended = new AtomicBoolean();
    try (var store = open("data");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var writers = new ArrayList<Future<?>>();
      for (int i = 0; i < 3; i++) {
        var random = new Random(seed + i);
        writers.add(
            threads.submit(
                () -> {
                  while (!ended.get()) {
                    byte[] content = bytes(random.nextLong(), random.nextInt(3) == 0 ? MIB : 5_000);
                    stored.put(put(store.blobs(), content), content);
                  }
                  return null;
                }));
      }
      for (int i = 0; i < BACKUPS; i++) {
        int before = stored.size();
        while (stored.size() < before + 5) {
          Thread.sleep(10);
        }
        // Whatever is acknowledged before a backup begins is in it.
        expected.add(Map.copyOf(stored));
        store.backup(directory.resolve("copy" + i));
      }
      ended.set(true);
      for (var writer : writers) {
        writer.get();
      }
    }
    for (int i = 0; i < BACKUPS; i++) {
      try (var copy = open("copy" + i)) {
        assertThat(expected.get(i)).isNotEmpty();
        for (var blob : expected.get(i).entrySet()) {
          assertThat(read(copy.blobs(), blob.getKey())).contains(ByteBuffer.wrap(blob.getValue()));
        }
        var report =
            new Verification(copy.inventory()).run(Depth.FULL, new VerificationTest.Findings());
        assertThat(report.damage()).as("backup %d, seed %d", i, seed).isEmpty();
        assertThat(report.checked().blobs()).isEqualTo(copy.blobs().usage().blobs());
      }
    }
  }

  @Test
  void aDirectoryThatDoesNotDoIsRefusedAndLeftAsItIs() throws Exception {
    Path full = Files.createDirectory(directory.resolve("full"));
    Path file = Files.writeString(full.resolve("thesis.txt"), "important");
    try (var store = open("data")) {
      assertRefused(store, full, "not empty");
      assertRefused(store, file, "not empty");
      assertRefused(store, directory.resolve("data/copy"), "within the data directory");
      assertRefused(store, directory.resolve("absent/copy"), "is not there");
      assertRefused(store, Path.of("relative"), "expected: an absolute path");
      if (!Files.getFileStore(Path.of("/dev/shm")).equals(Files.getFileStore(directory))) {
        assertRefused(store, Path.of("/dev/shm/layercache-backup-test"), "hard links");
      }
    }
    assertThat(file).hasContent("important");
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactlyInAnyOrder(full, directory.resolve("data"));
    }
  }

  private static void assertRefused(RocksStore store, Path target, String why) {
    assertThatThrownBy(() -> store.backup(target))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(target.toString())
        .hasMessageContaining(why);
  }

  private RocksStore open(String name) throws IOException {
    var options = StoreOptions.DEFAULTS.toBuilder().presenceEntries(1024).build();
    return RocksStore.open(directory.resolve(name), options, Clock.systemUTC());
  }
}

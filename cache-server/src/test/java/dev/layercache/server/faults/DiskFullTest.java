package dev.layercache.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store on a small file system of its own, which is filled up. {@code -Dlayercache.volume=1G}
 * makes it a larger one.
 */
@Timeout(300)
class DiskFullTest {
  private static final int MIB = 1 << 20;
  private static final int MOST_BLOBS = 5_000;

  @TempDir private Path directory;
  private LoopVolume disk;
  private Path volume;

  /** A library stays loaded from where it was first found, and keeps that volume busy. */
  @BeforeAll
  static void loadLibraryFromElsewhere(@TempDir Path elsewhere) throws IOException {
    RocksStore.open(elsewhere, options(), Clock.systemUTC()).close();
  }

  @BeforeEach
  void mount() throws Exception {
    disk = LoopVolume.create(directory, System.getProperty("layercache.volume", "64M"));
    volume = disk.root();
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void aFullDiskRefusesWritesServesReadsAndRecovers() throws IOException {
    try (var store = RocksStore.open(volume.resolve("data"), options(), Clock.systemUTC())) {
      var blobs = store.blobs();
      Deque<Digest> stored = fill(blobs);
      assertThat(stored).hasSizeGreaterThan(10);
      assertThat(blobs.usage().uploads()).isZero();
      for (var digest : stored) {
        readBack(blobs, digest);
      }
      for (int i = 0; i < 8; i++) {
        blobs.delete(stored.removeFirst());
      }
      assertThat(eventuallyPuts(blobs, 1_000_000)).isTrue();
      for (var digest : stored) {
        readBack(blobs, digest);
      }
    }
  }

  @Test
  void aStrangersFileThatTakesEveryByteDoesNoHarm() throws Exception {
    Digest kept;
    try (var store = RocksStore.open(volume.resolve("data"), options(), Clock.systemUTC())) {
      var blobs = store.blobs();
      kept = put(blobs, 1, 2 * MIB);
      var stranger = volume.resolve("stranger");
      LoopVolume.run("dd", "if=/dev/zero", "of=" + stranger, "bs=64k");
      assertThat(volume.toFile().getUsableSpace()).isLessThan(64 << 10);
      assertThatThrownBy(() -> put(blobs, 2, 1000)).isInstanceOf(OutOfSpaceException.class);
      assertThatThrownBy(() -> put(blobs, 3, 3 * MIB)).isInstanceOf(OutOfSpaceException.class);
      assertThat(blobs.usage().uploads()).isZero();
      readBack(blobs, kept);
      Files.delete(stranger);
      assertThat(eventuallyPuts(blobs, 4)).isTrue();
    }
    try (var store = RocksStore.open(volume.resolve("data"), options(), Clock.systemUTC())) {
      readBack(store.blobs(), kept);
    }
  }

  private static StoreOptions options() {
    return StoreOptions.DEFAULTS.toBuilder().presenceEntries(1024).build();
  }

  private static Deque<Digest> fill(BlobStore blobs) throws IOException {
    var stored = new ArrayDeque<Digest>();
    for (int i = 0; i < MOST_BLOBS; i++) {
      try {
        stored.add(put(blobs, i, i % 4 == 0 ? 100_000 : 3 * MIB + i));
      } catch (OutOfSpaceException e) {
        return stored;
      }
    }
    throw new AssertionError("the disk was never full");
  }

  /** The files of deleted blobs go soon, not at once. */
  private static boolean eventuallyPuts(BlobStore blobs, long seed) throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      try {
        readBack(blobs, put(blobs, seed, 5 * MIB));
        return true;
      } catch (OutOfSpaceException e) {
        pause();
      }
    }
    return false;
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Digest put(BlobStore blobs, long seed, int size) throws IOException {
    return StoredFiles.put(blobs, StoredFiles.bytes(seed, size));
  }

  private static void readBack(BlobStore blobs, Digest digest) throws IOException {
    var read = StoredFiles.read(blobs, digest).orElseThrow();
    assertThat(Digest.of(read)).isEqualTo(digest);
  }
}

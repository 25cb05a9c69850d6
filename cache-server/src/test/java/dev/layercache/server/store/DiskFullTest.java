package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.UploadHint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store on a file system of 128 MB of its own, which is filled up. Needs root, for the mount. */
@Timeout(120)
class DiskFullTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private Path volume;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    volume = Files.createDirectory(directory.resolve("volume"));
    var image = directory.resolve("image");
    mounted =
        run("truncate", "-s", "128M", image.toString())
            && run("mkfs.ext4", "-q", "-m", "0", image.toString())
            && run("mount", "-o", "loop", image.toString(), volume.toString());
    assumeTrue(
        mounted || System.getenv("CI") != null, "mount: no permission to mount a loop device");
    assertThat(mounted).as("in CI a loop device must be mounted").isTrue();
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(run("umount", volume.toString())).isTrue();
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
      run("dd", "if=/dev/zero", "of=" + stranger, "bs=64k");
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
    for (int i = 0; i < 1000; i++) {
      try {
        stored.add(put(blobs, i, i % 4 == 0 ? 100_000 : 3 * MIB + i));
      } catch (OutOfSpaceException e) {
        return stored;
      }
    }
    throw new AssertionError("a disk of 128 MB was never full");
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
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    var digest = Digest.of(bytes);
    try (var upload = blobs.begin(UploadHint.of(digest, size))) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.commit(digest);
    }
    return digest;
  }

  private static void readBack(BlobStore blobs, Digest digest) throws IOException {
    try (var reader = blobs.open(digest, ByteRange.ALL).orElseThrow()) {
      var bytes = ByteBuffer.allocate((int) reader.remaining());
      while (reader.read(bytes) > 0) {
        // Until the end.
      }
      assertThat(Digest.of(bytes.flip())).isEqualTo(digest);
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}

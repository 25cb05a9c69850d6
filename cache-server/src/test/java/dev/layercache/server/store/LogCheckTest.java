package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UploadHint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One flipped bit turns the type of a record into that of a log that is used again. RocksDB then
 * never came back from opening the database.
 */
@Timeout(60)
class LogCheckTest {
  private static final int TYPE = 6;

  @TempDir private Path directory;
  private final List<Digest> stored = new ArrayList<>();

  @Test
  void aLogWhoseRecordBecameARecycledOneIsReadUpToIt() throws IOException {
    Path killed = killed();
    flipType(only(killed, "*.log"), 5);
    try (var store = open(killed)) {
      assertThat(store.blobs().stat(stored.getFirst())).isPresent();
      assertThat(store.blobs().stat(stored.getLast())).isEmpty();
    }
  }

  @Test
  void aListOfFilesWhoseRecordBecameARecycledOneIsRefusedByName() throws IOException {
    Path killed = killed();
    flipType(only(killed, "MANIFEST-*"), 5);
    assertThatThrownBy(() -> open(killed).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("MANIFEST-");
  }

  /** A store as a kill leaves it: what was stored is in the log. */
  private Path killed() throws IOException {
    Path running = directory.resolve("running");
    Path killed = directory.resolve("killed");
    try (var store = open(running)) {
      for (byte i = 0; i < 20; i++) {
        put(store, new byte[] {i, 1, 2});
      }
      try (var files = Files.walk(running)) {
        for (Path file :
            files.filter(path -> !path.startsWith(running.resolve("native"))).toList()) {
          Files.copy(file, killed.resolve(running.relativize(file).toString()));
        }
      }
    }
    return killed;
  }

  private void put(RocksStore store, byte[] bytes) throws IOException {
    var digest = Digest.of(bytes);
    try (var upload = store.blobs().begin(UploadHint.of(digest, bytes.length))) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.commit(digest);
    }
    stored.add(digest);
  }

  private static Path only(Path data, String pattern) throws IOException {
    try (var files = Files.newDirectoryStream(data.resolve("db"), pattern)) {
      return files.iterator().next();
    }
  }

  /** Of the record after so many others. */
  private static void flipType(Path file, int records) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int at = 0;
    for (int i = 0; i < records; i++) {
      at += TYPE + 1 + (bytes[at + 4] & 0xff) + 256 * (bytes[at + 5] & 0xff);
    }
    bytes[at + TYPE] ^= 4;
    Files.write(file, bytes);
  }

  private static RocksStore open(Path data) throws IOException {
    return RocksStore.open(data, StoreOptions.DEFAULTS, Clock.systemUTC());
  }
}

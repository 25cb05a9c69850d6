package dev.layercache.server.faults;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.UploadHint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A data directory whose files a test looks at and damages. */
public final class StoredFiles {
  private final Path data;

  public StoredFiles(Path data) {
    this.data = data;
  }

  /** The files of the database with this ending, the largest first. */
  public List<Path> ending(String suffix) throws IOException {
    try (var files = Files.list(data.resolve("db"))) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .sorted((a, b) -> Long.compare(size(b), size(a)))
          .toList();
    }
  }

  /** Inverts one bit. */
  public static void flip(Path file, long position, int bit) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      var one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) (one.get(0) ^ 1 << bit));
      channel.write(one.flip(), position);
    }
  }

  public static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  public static byte[] bytes(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  public static Digest put(BlobStore store, byte[] bytes) throws IOException {
    var digest = Digest.of(bytes);
    try (var upload = store.begin(UploadHint.of(digest, bytes.length))) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.commit(digest);
    }
    return digest;
  }

  /** All bytes of a blob; empty when it is missing. */
  public static Optional<ByteBuffer> read(BlobStore store, Digest digest) throws IOException {
    var opened = store.open(digest, ByteRange.ALL);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (var reader = opened.get()) {
      var bytes = ByteBuffer.allocate((int) reader.remaining());
      while (bytes.hasRemaining() && reader.read(bytes) >= 0) {
        // Until the end.
      }
      return Optional.of(bytes.flip());
    }
  }
}

package dev.layercache.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bytes of a blob, readable from any offset, so that a broken upload continues where it
 * stopped. The bytes must not change between calls; the server verifies their digest.
 */
@FunctionalInterface
public interface BlobContent {

  /**
   * The bytes from {@code offset} on.
   *
   * @param offset 0 to the size of the blob
   * @return a stream that the caller closes
   */
  InputStream open(long offset) throws IOException;

  /** The content of a regular file. */
  static BlobContent of(Path file) {
    return offset -> {
      InputStream in = Files.newInputStream(file);
      try {
        in.skipNBytes(offset);
        return in;
      } catch (IOException e) {
        in.close();
        throw e;
      }
    };
  }

  /** The content of an array, which is not copied. */
  static BlobContent of(byte[] bytes) {
    return offset -> {
      int from = Math.toIntExact(offset);
      return new ByteArrayInputStream(bytes, from, bytes.length - from);
    };
  }
}

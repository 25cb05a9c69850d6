package dev.layercache.client.image;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/**
 * The files of a layout by their path in it, be it a directory or a tar. Paths have forward slashes
 * and are relative. Nothing outside the layout can be reached. Thread-safe; holds no open file.
 */
interface LayoutFiles {

  /**
   * Bytes of a file; empty when there is none.
   *
   * @throws IOException if {@code path} is not a regular file or leads out of the layout
   */
  OptionalLong size(String path) throws IOException;

  /**
   * The bytes of a file from {@code offset} on.
   *
   * @return a stream that the caller closes; ends with the file, and fails where a file turns out
   *     shorter than its size
   */
  InputStream open(String path, long offset) throws IOException;

  /** What messages call the whole: the directory or the tar. */
  @Override
  String toString();

  /**
   * A small file, whole.
   *
   * @param limit most bytes it may have
   */
  default byte[] readAll(String path, int limit) throws IOException {
    long size =
        size(path).orElseThrow(() -> new IOException("%s has no file %s".formatted(this, path)));
    if (size > limit) {
      throw new IOException(
          "%s: %s has %d bytes (expected: at most %d)".formatted(this, path, size, limit));
    }
    try (var in = open(path, 0)) {
      return in.readNBytes(limit);
    }
  }

  /** Where a blob lies in a layout (OCI image-spec, "Blobs"). */
  static String blobPath(Digest digest) {
    return "blobs/" + digest.algorithm().prefix() + '/' + digest.hex();
  }
}

package dev.layercache.server.blob;

import dev.layercache.oci.Digest;

/**
 * A blob that is stored.
 *
 * @param digest as it was asked for
 * @param size in bytes, at least 0
 */
public record BlobInfo(Digest digest, long size) {
  public BlobInfo {
    if (size < 0) {
      throw new IllegalArgumentException("blob size: %d (expected: >= 0)".formatted(size));
    }
  }
}

package dev.layercache.server.blob;

import dev.layercache.oci.Digest;

/**
 * The bytes have another digest than the client said. Nothing is published; the upload is aborted.
 */
public final class DigestMismatchException extends BlobException {
  private static final long serialVersionUID = 1;

  /**
   * @param size bytes that were received
   */
  public DigestMismatchException(Digest expected, Digest actual, long size) {
    super(
        "digest mismatch: received %d bytes with digest %s (expected: %s)"
            .formatted(size, actual, expected));
  }
}

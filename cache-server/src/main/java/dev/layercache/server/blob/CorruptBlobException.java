package dev.layercache.server.blob;

import dev.layercache.oci.Digest;

/** The stored bytes are not what was put there. The blob counts as missing from now on. */
public final class CorruptBlobException extends BlobException {
  private static final long serialVersionUID = 1;

  public CorruptBlobException(Digest digest, Throwable cause) {
    super("blob %s is damaged on disk: %s".formatted(digest, cause.getMessage()), cause);
  }
}

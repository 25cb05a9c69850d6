package dev.layercache.server.blob;

import dev.layercache.oci.Digest;

/** The stored bytes are not what was put there. The blob counts as missing from now on. */
public final class CorruptBlobException extends BlobException {
  private static final long serialVersionUID = 1;

  private final String where;
  private final String reason;

  /**
   * @param where the files that hold it, below the data directory
   * @param cause what was found and what was expected
   */
  public CorruptBlobException(Digest digest, String where, Throwable cause) {
    super("blob %s is damaged in %s: %s".formatted(digest, where, cause.getMessage()), cause);
    this.where = where;
    this.reason = String.valueOf(cause.getMessage());
  }

  /** The files that hold the blob, below the data directory. */
  public String where() {
    return where;
  }

  /** What was found and what was expected. */
  public String reason() {
    return reason;
  }
}

package dev.layercache.server.blob;

/** A range starts behind the end of the blob. */
public final class OutOfRangeException extends BlobException {
  private static final long serialVersionUID = 1;

  private final long size;

  /**
   * @param offset first byte that was asked for
   * @param size bytes that the blob has
   */
  public OutOfRangeException(long offset, long size) {
    super("offset %d is behind the end of the blob (expected: at most %d)".formatted(offset, size));
    this.size = size;
  }

  /** Bytes that the blob has. */
  public long size() {
    return size;
  }
}

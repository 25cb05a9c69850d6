package dev.layercache.server.blob;

/**
 * A range of a blob that starts inside it, or right at its end.
 *
 * @param offset first byte, at least 0
 * @param length most bytes wanted, at least 0; more than the blob has means all that follow {@code
 *     offset}
 */
public record ByteRange(long offset, long length) {
  /** The whole blob. */
  public static final ByteRange ALL = from(0);

  public ByteRange {
    if (offset < 0 || length < 0) {
      throw new IllegalArgumentException(
          "byte range: offset %d, length %d (expected: both >= 0)".formatted(offset, length));
    }
  }

  /** Everything from {@code offset} on. */
  public static ByteRange from(long offset) {
    return new ByteRange(offset, Long.MAX_VALUE);
  }

  /**
   * How many bytes of a blob of {@code size} bytes this range covers.
   *
   * @throws OutOfRangeException if the range starts behind the end of the blob
   */
  public long lengthIn(long size) throws OutOfRangeException {
    if (offset > size) {
      throw new OutOfRangeException(offset, size);
    }
    return Math.min(length, size - offset);
  }
}

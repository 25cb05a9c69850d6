package dev.layercache.server.http;

import dev.layercache.server.blob.ByteRange;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The {@code Range} of a request (RFC 9110, 14.2). What is malformed, of another unit, or names
 * several ranges is ignored, as the RFC allows: the client gets everything with 200.
 */
final class RangeHeader {
  private static final Pattern ONE = Pattern.compile("bytes=\\s*([0-9]{0,40})-([0-9]{0,40})\\s*");

  private RangeHeader() {}

  /**
   * The one range that is asked for.
   *
   * @param size bytes of the blob
   * @return empty when all of it is to be sent; else a range of at least 1 byte that is inside
   * @throws RegistryException 416 if the range has no byte in the blob
   */
  static Optional<ByteRange> parse(String header, long size) throws RegistryException {
    var match = ONE.matcher(header);
    if (!match.matches()) {
      return Optional.empty();
    }
    var first = number(match.group(1));
    var last = number(match.group(2));
    if (first.isEmpty() && last.isEmpty()) {
      return Optional.empty();
    }
    if (first.isEmpty()) {
      long length = Math.min(last.get(), size);
      return Optional.of(inside(size - length, length, header, size));
    }
    if (last.isPresent() && last.get() < first.get()) {
      return Optional.empty();
    }
    long end = last.map(l -> Math.min(l, size - 1)).orElse(size - 1);
    return Optional.of(inside(first.get(), end - first.get() + 1, header, size));
  }

  private static ByteRange inside(long offset, long length, String header, long size)
      throws RegistryException {
    if (length < 1) {
      throw new RegistryException(
              416,
              ErrorCode.SIZE_INVALID,
              "Range: %s (expected: a byte of the %d that there are)".formatted(header, size))
          .with("Content-Range", "bytes */" + size);
    }
    return new ByteRange(offset, length);
  }

  /** Beyond what a long holds is as good as its maximum: no blob is as large. */
  private static Optional<Long> number(String digits) {
    if (digits.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      return Optional.of(Long.MAX_VALUE);
    }
  }
}

package dev.layercache.server.http;

import java.util.regex.Pattern;

/**
 * Which bytes of a blob a chunk has, as its {@code Content-Range} says (OCI distribution-spec,
 * "Pushing a blob in chunks"; there is no {@code bytes} in front).
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, at least {@code first}
 */
record ContentRange(long first, long last) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

  /**
   * @throws RegistryException 400 if it is not of the form FIRST-LAST
   */
  static ContentRange parse(String header) throws RegistryException {
    var match = FORM.matcher(header);
    if (match.matches()) {
      long first = Long.parseLong(match.group(1));
      long last = Long.parseLong(match.group(2));
      if (first <= last) {
        return new ContentRange(first, last);
      }
    }
    throw new RegistryException(
        400,
        ErrorCode.BLOB_UPLOAD_INVALID,
        "Content-Range: %s (expected: FIRST-LAST, both inclusive)"
            .formatted(header.length() <= 100 ? header : header.length() + " characters"));
  }

  /** Bytes of the chunk. */
  long length() {
    return last - first + 1;
  }
}

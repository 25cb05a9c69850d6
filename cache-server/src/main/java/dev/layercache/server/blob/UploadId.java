package dev.layercache.server.blob;

import java.util.UUID;

/**
 * Names an upload across connections and restarts.
 *
 * @param value 1 to 200 characters of {@code A-Z a-z 0-9 . _ -}: it stands in URL paths without
 *     escapes
 */
public record UploadId(String value) {
  private static final int MAX_LENGTH = 200;

  public UploadId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "upload id: %s (expected: 1 to %d characters of A-Z a-z 0-9 . _ -)"
              .formatted(
                  value.length() > MAX_LENGTH ? value.length() + " characters" : value,
                  MAX_LENGTH));
    }
  }

  /** Whether {@code value} can be an upload id. */
  public static boolean isValid(String value) {
    return !value.isEmpty()
        && value.length() <= MAX_LENGTH
        && value
            .chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '.'
                        || c == '_'
                        || c == '-');
  }

  /** A new one that nobody can guess. */
  public static UploadId random() {
    return new UploadId(UUID.randomUUID().toString());
  }

  @Override
  public String toString() {
    return value;
  }
}

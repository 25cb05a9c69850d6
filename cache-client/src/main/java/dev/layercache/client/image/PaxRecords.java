package dev.layercache.client.image;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The records of an extended header, {@code "LENGTH KEY=VALUE\n"} each (POSIX, "pax"). */
final class PaxRecords {
  private static final int MAX_LENGTH_DIGITS = 6;

  private PaxRecords() {}

  /**
   * Reads them all; of two with one key the last counts.
   *
   * @throws IllegalArgumentException if a record is malformed; the message says where
   */
  static Map<String, String> parse(byte[] header) {
    var records = new HashMap<String, String>();
    int start = 0;
    while (start < header.length) {
      int space = find(header, ' ', start, Math.min(header.length, start + MAX_LENGTH_DIGITS + 1));
      int length = space < 0 ? -1 : number(header, start, space);
      int end = start + length;
      int equals = length < 0 || end > header.length ? -1 : find(header, '=', space + 1, end);
      if (equals < 0 || header[end - 1] != '\n') {
        throw new IllegalArgumentException(
            "malformed record at byte %d of an extended header (expected: LENGTH KEY=VALUE)"
                .formatted(start));
      }
      records.put(text(header, space + 1, equals), text(header, equals + 1, end - 1));
      start = end;
    }
    return records;
  }

  private static int find(byte[] bytes, char wanted, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static int number(byte[] bytes, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return -1;
      }
      value = value * 10 + (bytes[i] - '0');
    }
    return from == to ? -1 : value;
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }
}

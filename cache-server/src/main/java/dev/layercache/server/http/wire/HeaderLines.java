package dev.layercache.server.http.wire;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** Looks at the lines of a header before they are decoded, for shapes that decoding would hide. */
final class HeaderLines {
  private HeaderLines() {}

  /**
   * What is wrong with the lines up to the end of the header, or of the buffer.
   *
   * @param buffer starts at the beginning of a line; not consumed
   */
  static Optional<String> fault(ByteBuf buffer) {
    int end = buffer.writerIndex();
    int start = buffer.readerIndex();
    while (start < end) {
      byte first = buffer.getByte(start);
      if (first == ' ' || first == '\t') {
        return Optional.of("header line starts with white space (expected: no folded lines)");
      }
      int lf = buffer.indexOf(start, end, (byte) '\n');
      int lineEnd = lf < 0 ? end : lf;
      int cr = buffer.indexOf(start, lineEnd, (byte) '\r');
      if (cr >= 0 && cr != lineEnd - 1) {
        return Optional.of("header line has a CR inside (expected: only as part of CRLF)");
      }
      if (lf < 0 || cr == start) {
        return Optional.empty();
      }
      if (cr < 0) {
        return Optional.of("header line ends in a bare LF (expected: CRLF)");
      }
      start = lf + 1;
    }
    return Optional.empty();
  }
}

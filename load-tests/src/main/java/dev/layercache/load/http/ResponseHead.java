package dev.layercache.load.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Status line and headers of a response (RFC 9112).
 *
 * @param headers names in lower case; of a repeated one the last
 */
record ResponseHead(int status, Map<String, String> headers) {

  /**
   * @param text up to the empty line
   * @throws IOException if it is no HTTP/1.1 response
   */
  static ResponseHead parse(byte[] text, int length) throws IOException {
    var lines = new String(text, 0, length, StandardCharsets.ISO_8859_1).split("\r\n");
    if (!lines[0].matches("HTTP/1\\.1 \\d{3}( .*)?")) {
      throw new IOException("not an HTTP/1.1 status line: " + lines[0]);
    }
    var headers = new HashMap<String, String>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).trim());
      }
    }
    return new ResponseHead(Integer.parseInt(lines[0].substring(9, 12)), headers);
  }

  /** A header that must be there. */
  String required(String name) throws IOException {
    var value = headers.get(name);
    if (value == null) {
      throw new IOException("a response with status %d has no %s".formatted(status, name));
    }
    return value;
  }

  /** Bytes of the body. */
  long contentLength() throws IOException {
    if (headers.containsKey("transfer-encoding")) {
      throw new IOException(
          "status %d with transfer-encoding (expected: content-length)".formatted(status));
    }
    return Long.parseLong(headers.getOrDefault("content-length", "0"));
  }

  void requireStatus(int expected, String request) throws IOException {
    if (status != expected) {
      throw new IOException("%s: status %d (expected: %d)".formatted(request, status, expected));
    }
  }
}

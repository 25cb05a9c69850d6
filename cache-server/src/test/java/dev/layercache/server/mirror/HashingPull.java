package dev.layercache.server.mirror;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.config.HostPort;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A GET over a connection of its own that hashes the body as it comes and keeps none of it, so that
 * hundreds fit in a test's heap. Closing ends it. One thread.
 */
final class HashingPull implements AutoCloseable {
  /** Longest silence: a test that waits longer has failed. */
  private static final int SILENCE_MILLIS = 60_000;

  private static final int MAX_HEAD = 16 << 10;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final int status;
  private final Map<String, String> headers = new HashMap<>();
  private final MessageDigest hash = DigestAlgorithm.SHA256.newHash();
  private final byte[] piece = new byte[32 << 10];
  private long received;

  /** Sends the request and reads the head of the answer. */
  HashingPull(HostPort server, String path) throws IOException {
    try {
      socket.setSoTimeout(SILENCE_MILLIS);
      socket.connect(new InetSocketAddress(server.host(), server.port()), SILENCE_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: mirror\r\nAccept: */*\r\n\r\n"
                  .formatted(path)
                  .getBytes(ISO_8859_1));
      in = socket.getInputStream();
      String[] lines = head().split("\r\n");
      status = Integer.parseInt(lines[0].split(" ")[1]);
      for (int i = 1; i < lines.length; i++) {
        String[] parts = lines[i].split(":", 2);
        headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
      }
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private String head() throws IOException {
    var head = new ByteArrayOutputStream();
    int ends = 0;
    while (ends < 2) {
      int next = in.read();
      if (next < 0 || head.size() == MAX_HEAD) {
        throw new EOFException("the answer has no whole head: " + head.toString(ISO_8859_1));
      }
      head.write(next);
      ends = next == '\n' ? ends + 1 : next == '\r' ? ends : 0;
    }
    return head.toString(ISO_8859_1);
  }

  int status() {
    return status;
  }

  /** Empty when there is none. */
  String header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  /** Bytes of the body so far. */
  long received() {
    return received;
  }

  /** Reads more of the body, not beyond {@code end}. */
  void readTo(long end) throws IOException {
    while (received < end) {
      int count = in.read(piece, 0, (int) Math.min(piece.length, end - received));
      if (count < 0) {
        throw new EOFException("the body ended after %d bytes".formatted(received));
      }
      hash.update(ByteBuffer.wrap(piece, 0, count));
      received += count;
    }
  }

  /** Reads the whole body; its digest. Once. */
  Digest digest() throws IOException {
    readTo(Long.parseLong(header("content-length")));
    return Digest.of(DigestAlgorithm.SHA256, hash);
  }

  /** A short body as text. Once, and in place of {@link #digest}. */
  String text() throws IOException {
    return new String(in.readNBytes(Integer.parseInt(header("content-length"))), ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package dev.layercache.load.http;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One connection of a {@link RequestLoop}: a small request, a small response, and again. */
final class Exchange implements Closeable {
  private static final int BUFFER_BYTES = 64 << 10;

  private final SocketChannel channel;
  private final int expectedBody;
  private final boolean bodySent;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private int headLength;
  private int checkedLength;
  private long since;
  private long socketBytes;

  Exchange(InetSocketAddress server, Selector selector, int expectedBody, boolean bodySent)
      throws IOException {
    this.expectedBody = expectedBody;
    this.bodySent = bodySent;
    this.channel = SocketChannel.open(server);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** {@link System#nanoTime} from which the latency of the last request counts. */
  long since() {
    return since;
  }

  long socketBytes() {
    return socketBytes;
  }

  void send(byte[] request) throws IOException {
    send(request, System.nanoTime());
  }

  /** Sends a request that was due at {@code due}. */
  void send(byte[] request, long due) throws IOException {
    in.clear();
    headLength = 0;
    out.clear().put(request).flip();
    since = due;
    int sent = channel.write(out);
    if (out.hasRemaining()) {
      throw new IOException(
          "the socket took %d of a request of %d bytes".formatted(sent, request.length));
    }
    socketBytes += sent;
  }

  /** Takes what has come; true when the response is complete. */
  boolean receive() throws IOException {
    int received = channel.read(in);
    if (received < 0) {
      throw new EOFException("the server closed the connection");
    }
    socketBytes += received;
    if (headLength == 0) {
      headLength = endOfHead();
      if (headLength == 0) {
        return false;
      }
      check();
    }
    int missing = headLength + (bodySent ? expectedBody : 0) - in.position();
    if (missing < 0) {
      throw new IOException("%d bytes after a response".formatted(-missing));
    }
    return missing == 0;
  }

  private int endOfHead() {
    for (int i = 3; i < in.position(); i++) {
      if (in.get(i) == '\n' && in.get(i - 2) == '\n') {
        return i + 1;
      }
    }
    return 0;
  }

  /**
   * A head as long as the one before is taken to have the same content-length: a body of another
   * length is noticed anyway, and parsing every head would cost as much as the rest of the driver.
   */
  private void check() throws IOException {
    boolean ok = in.get(9) == '2' && in.get(10) == '0' && in.get(11) == '0';
    if (ok && headLength == checkedLength) {
      return;
    }
    var text = new byte[headLength];
    in.get(0, text);
    var head = ResponseHead.parse(text, headLength);
    head.requireStatus(200, "a request");
    if (head.contentLength() != expectedBody) {
      throw new IOException(
          "a response with content-length %d (expected: %d)"
              .formatted(head.contentLength(), expectedBody));
    }
    checkedLength = headLength;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

package dev.layercache.load.http;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One connection, one request after another. Blocking; not thread-safe. Counts every byte on the
 * socket. Has no deadline of its own: suites run under one.
 */
final class HttpConnection implements Closeable {
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int MAX_HEAD_BYTES = 16 << 10;

  private final InetSocketAddress server;
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private long socketBytes;

  HttpConnection(InetSocketAddress server) throws IOException {
    this.server = server;
    this.channel = SocketChannel.open(server);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** Sent and received so far. */
  long socketBytes() {
    return socketBytes;
  }

  /** Sends a request without a body and reads the head of the response. */
  ResponseHead send(String method, String target) throws IOException {
    return send(method, target, method.equals("POST") ? length(0) : "");
  }

  /** The same with headers, each with its line end. */
  ResponseHead send(String method, String target, String headers) throws IOException {
    writeHead(method, target, headers);
    return readHead();
  }

  /**
   * Sends a request with a body and reads the head of the response.
   *
   * @param filler fills the buffers that it is given, one after another, {@code size} bytes in all
   */
  ResponseHead send(
      String method, String target, String headers, long size, Consumer<ByteBuffer> filler)
      throws IOException {
    writeHead(method, target, headers + length(size));
    for (long left = size; left > 0; left -= out.limit()) {
      out.clear().limit((int) Math.min(left, out.capacity()));
      filler.accept(out);
      write(out.flip());
    }
    return readHead();
  }

  private static String length(long size) {
    return "Content-Length: " + size + "\r\n";
  }

  private void writeHead(String method, String target, String headers) throws IOException {
    var head =
        "%s %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n"
            .formatted(method, target, server.getHostString(), server.getPort(), headers);
    write(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      socketBytes += channel.write(bytes);
    }
  }

  private ResponseHead readHead() throws IOException {
    var head = new byte[MAX_HEAD_BYTES];
    int length = 0;
    while (true) {
      if (!in.hasRemaining()) {
        receive();
      }
      if (length == head.length) {
        throw new IOException("a response head of more than %d bytes".formatted(head.length));
      }
      head[length++] = in.get();
      if (length >= 4 && head[length - 1] == '\n' && head[length - 3] == '\n') {
        return ResponseHead.parse(head, length);
      }
    }
  }

  /** Reads a body of {@code size} bytes; {@code sink} sees them all. */
  void receive(long size, Consumer<ByteBuffer> sink) throws IOException {
    for (long left = size; left > 0; ) {
      if (!in.hasRemaining()) {
        receive();
      }
      int take = (int) Math.min(left, in.remaining());
      sink.accept(in.slice(in.position(), take));
      in.position(in.position() + take);
      left -= take;
    }
  }

  private void receive() throws IOException {
    in.clear();
    int received = channel.read(in);
    in.flip();
    if (received < 0) {
      throw new EOFException("the server closed the connection");
    }
    socketBytes += received;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

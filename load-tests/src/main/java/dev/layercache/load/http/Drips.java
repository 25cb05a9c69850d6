package dev.layercache.load.http;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Connections that each send a byte a second of a request that never ends; half of them stay in the
 * header, half in the body. One that the server closes is opened again. {@link #round} is called by
 * one thread at a time.
 */
public final class Drips implements Closeable {
  private static final int BODY_BYTES = 1 << 20;
  private static final long ROUND_MILLIS = 1_000;

  private final InetSocketAddress server;
  private final List<byte[]> heads;
  private final List<SocketChannel> channels = new ArrayList<>();
  private final LongAdder reopened = new LongAdder();

  /**
   * Opens them all.
   *
   * @param repository that half of them push to
   */
  public Drips(InetSocketAddress server, int connections, String repository) throws IOException {
    this.server = server;
    this.heads =
        List.of(
            "GET /v2/ HTTP/1.1\r\nHost: drip\r\nA: ".getBytes(StandardCharsets.US_ASCII),
            "POST /v2/%s/blobs/uploads/?digest=sha256:%s HTTP/1.1\r\nHost: drip\r\nContent-Length: %d\r\n\r\n"
                .formatted(repository, "0".repeat(64), BODY_BYTES)
                .getBytes(StandardCharsets.US_ASCII));
    try {
      for (int i = 0; i < connections; i++) {
        channels.add(open(i));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private SocketChannel open(int index) throws IOException {
    var channel = SocketChannel.open(server);
    var head = ByteBuffer.wrap(heads.get(index % heads.size()));
    while (head.hasRemaining()) {
      channel.write(head);
    }
    return channel;
  }

  /** Connections that the server closed, and that were opened again. */
  public long reopened() {
    return reopened.sum();
  }

  /** Sends a byte on each, then waits until a second is over. */
  public void round() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    for (int i = 0; i < channels.size(); i++) {
      try {
        channels.get(i).write(ByteBuffer.wrap(new byte[] {'a'}));
      } catch (IOException closedByTheServer) {
        channels.get(i).close();
        channels.set(i, open(i));
        reopened.increment();
      }
    }
    Thread.sleep(Math.max(0, ROUND_MILLIS - (System.nanoTime() - begin) / 1_000_000));
  }

  @Override
  public void close() throws IOException {
    for (var channel : channels) {
      channel.close();
    }
  }
}

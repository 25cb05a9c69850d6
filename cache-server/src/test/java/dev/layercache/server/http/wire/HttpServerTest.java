package dev.layercache.server.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpServerTest {
  /** So small that every part of a body stops the reading, the last one too. */
  private static final int MAX_QUEUED = 1;

  private static final byte[] FIRST = new byte[40_000];
  private static final byte[] SECOND = new byte[10];

  private final CountDownLatch second = new CountDownLatch(1);
  private volatile boolean early;

  /**
   * A body whose last part stopped the reading was consumed, and that let the next request in while
   * this one was not answered: its answer then threw the other's body away. One push of some
   * thousand failed on a busy machine, with the digest of no bytes.
   */
  @Test
  void aRequestWaitsUntilTheOneBeforeItIsAnswered() throws Exception {
    try (var server = HttpServer.start(new Lengths(), limits(), AccessLog.OFF, "127.0.0.1", 0);
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      var both = new ByteArrayOutputStream();
      both.write(put("/first", FIRST.length, "keep-alive"));
      both.write(FIRST);
      both.write(put("/second", SECOND.length, "close"));
      both.write(SECOND);
      socket.getOutputStream().write(both.toByteArray());
      String answers =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

      assertThat(early).isFalse();
      assertThat(answers).contains("Bytes: 40000").contains("Bytes: 10");
    }
  }

  private static byte[] put(String path, int length, String connection) {
    return "PUT %s HTTP/1.1\r\nHost: x\r\nConnection: %s\r\nContent-Length: %d\r\n\r\n"
        .formatted(path, connection, length)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static HttpLimits limits() {
    var usual = HttpLimits.DEFAULT;
    return new HttpLimits(
        usual.maxConnections(),
        usual.maxRequestLine(),
        usual.maxHeader(),
        usual.headerDeadline(),
        usual.keepAlive(),
        usual.bodyIdle(),
        usual.bodyGrace(),
        usual.minBodyRate(),
        usual.sendIdle(),
        usual.linger(),
        usual.drain(),
        MAX_QUEUED,
        usual.maxSendBuffers());
  }

  /** Answers how long the body was. */
  private final class Lengths implements HttpHandler {
    @Override
    public Answer handle(Request request) throws IOException {
      boolean isFirst = request.path().equals("/first");
      if (!isFirst) {
        second.countDown();
      }
      int length = request.body().readAll(FIRST.length).length;
      if (isFirst) {
        early = isSecondThere();
      }
      return Answer.of(200).with("Bytes", length);
    }

    private boolean isSecondThere() throws IOException {
      try {
        return second.await(300, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public Answer failed(Exception failure, String requestId) {
      return Answer.of(500);
    }
  }
}

package dev.layercache.load.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PacedRequestsTest {
  private static final int REQUESTS = 3;

  /** The server answers nobody before the last of them has asked. */
  @Test
  void aRequestDoesNotWaitForTheAnswerToTheOneBefore() throws Exception {
    var asked = new CountDownLatch(REQUESTS);
    try (var listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var requests =
            new PacedRequests(
                new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort()),
                "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                5)) {
      for (int i = 0; i < REQUESTS; i++) {
        threads.submit(
            () -> {
              answer(listening.accept(), asked);
              return null;
            });
      }
      var latencies = requests.run(100, Duration.ofMillis(10L * REQUESTS));
      assertThat(latencies.count()).isEqualTo(REQUESTS);
    }
  }

  private static void answer(Socket socket, CountDownLatch asked)
      throws IOException, InterruptedException {
    try (socket) {
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      while (!in.readLine().isEmpty()) {
        // The header of the request.
      }
      asked.countDown();
      assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
      socket
          .getOutputStream()
          .write(
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      // The client closes first.
      assertThat(in.read()).isEqualTo(-1);
    }
  }
}

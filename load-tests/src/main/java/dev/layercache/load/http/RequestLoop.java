package dev.layercache.load.http;

import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Small requests over many connections from one thread: each connection sends the next request when
 * it has the response to the last. Latencies are those of a closed loop.
 */
public final class RequestLoop {
  private static final long SELECT_MILLIS = 10_000;

  private final InetSocketAddress server;
  private final List<byte[]> requests;
  private final int expectedBody;
  private final boolean bodySent;

  /**
   * @param requests sent in turn
   * @param expectedBody the content-length of every response, whose status must be 200
   * @param bodySent whether the body follows; not for HEAD
   */
  public RequestLoop(
      InetSocketAddress server, List<byte[]> requests, int expectedBody, boolean bodySent) {
    this.server = server;
    this.requests = requests;
    this.expectedBody = expectedBody;
    this.bodySent = bodySent;
  }

  /**
   * @throws IOException if a response is another one than expected, or none comes
   */
  public Load run(int connections, Duration duration) throws IOException {
    var latencies = new Latencies();
    var exchanges = new ArrayList<Exchange>();
    try (var selector = Selector.open()) {
      for (int i = 0; i < connections; i++) {
        exchanges.add(new Exchange(server, selector, expectedBody, bodySent));
      }
      long begin = System.nanoTime();
      int next = 0;
      for (var exchange : exchanges) {
        exchange.send(requests.get(next++ % requests.size()));
      }
      long end = begin + duration.toNanos();
      for (int busy = connections; busy > 0; ) {
        if (selector.select(SELECT_MILLIS) == 0) {
          throw new IOException("no response within %d ms".formatted(SELECT_MILLIS));
        }
        for (var key : selector.selectedKeys()) {
          var exchange = (Exchange) key.attachment();
          if (exchange.receive()) {
            long now = System.nanoTime();
            latencies.recordNanos(now - exchange.since());
            if (now < end) {
              exchange.send(requests.get(next++ % requests.size()));
            } else {
              busy--;
            }
          }
        }
        selector.selectedKeys().clear();
      }
      var elapsed = Duration.ofNanos(System.nanoTime() - begin);
      long socketBytes = exchanges.stream().mapToLong(Exchange::socketBytes).sum();
      return new Load(
          latencies.count(), latencies.count() * expectedBody, socketBytes, elapsed, latencies);
    } finally {
      for (var exchange : exchanges) {
        exchange.close();
      }
    }
  }
}

package dev.layercache.load.http;

import dev.layercache.load.measure.Latencies;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One small request at a fixed pace, from one thread: each is sent when it is due, over a
 * connection that is waiting for nothing, however long others take. Latencies count from the moment
 * that a request was due. Not thread-safe; the caller closes it.
 */
public final class PacedRequests implements AutoCloseable {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  /** Requests that are due while so many wait are sent when one of those is answered. */
  private static final int MAX_CONNECTIONS = 128;

  private final InetSocketAddress server;
  private final byte[] request;
  private final int expectedBody;
  private final Selector selector;
  private final List<Exchange> open = new ArrayList<>();
  private final Deque<Exchange> idle = new ArrayDeque<>();

  /**
   * @param request a HEAD whose response has status 200
   * @param expectedBody its content-length
   */
  public PacedRequests(InetSocketAddress server, byte[] request, int expectedBody)
      throws IOException {
    this.server = server;
    this.request = request;
    this.expectedBody = expectedBody;
    this.selector = Selector.open();
  }

  /**
   * Sends them and waits for all responses.
   *
   * @throws IOException if a response is another one than expected, or does not come
   */
  public Latencies run(int perSecond, Duration duration) throws IOException {
    var latencies = new Latencies();
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    long due = System.nanoTime();
    long end = due + duration.toNanos();
    while (due < end || idle.size() < open.size()) {
      long now = System.nanoTime();
      boolean canSend = !idle.isEmpty() || open.size() < MAX_CONNECTIONS;
      if (due < end && due <= now && canSend) {
        idleConnection().send(request, due);
        due += interval;
      } else if (due < end && canSend) {
        select(due - now, latencies);
      } else if (now < end + PATIENCE) {
        select(end + PATIENCE - now, latencies);
      } else {
        throw new IOException("%d requests have no response".formatted(open.size() - idle.size()));
      }
    }
    return latencies;
  }

  private Exchange idleConnection() throws IOException {
    var exchange = idle.poll();
    if (exchange == null) {
      exchange = new Exchange(server, selector, expectedBody, false);
      open.add(exchange);
    }
    return exchange;
  }

  /** Waits for responses; not for the last millisecond, which a selector cannot count. */
  private void select(long nanos, Latencies latencies) throws IOException {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    if (millis > 0) {
      selector.select(millis);
    } else {
      LockSupport.parkNanos(nanos);
      selector.selectNow();
    }
    for (var key : selector.selectedKeys()) {
      var exchange = (Exchange) key.attachment();
      if (exchange.receive()) {
        latencies.recordNanos(System.nanoTime() - exchange.since());
        idle.push(exchange);
      }
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    for (var exchange : open) {
      exchange.close();
    }
    selector.close();
  }
}

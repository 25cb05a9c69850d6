package dev.layercache.server.http.wire;

import java.net.SocketAddress;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/** Is told of every answer, after it was sent. Called by many threads at once; must not block. */
@FunctionalInterface
public interface AccessLog {
  /** Keeps nothing. */
  AccessLog OFF = entry -> {};

  void answered(Entry entry);

  /** One line for each answer, at level info of the logger {@code layercache.access}. */
  static AccessLog toLogger() {
    var logger = LoggerFactory.getLogger("layercache.access");
    return entry -> logger.info("{}", entry);
  }

  /**
   * An answered request.
   *
   * @param requestId as in the answer's {@code X-Request-Id}
   * @param method {@code -} when the request was refused before it was understood
   * @param target path and query as they came; {@code -} like the method
   * @param bytes of the answer's body
   * @param took from the end of the request's header to the end of the answer
   */
  record Entry(
      String requestId,
      SocketAddress client,
      String method,
      String target,
      int status,
      long bytes,
      Duration took) {

    /** Without characters that would forge a line or steer a terminal. */
    @Override
    public String toString() {
      return "%s %s %s %s %d %d bytes %d us"
          .formatted(requestId, client, method, target, status, bytes, took.toNanos() / 1000)
          .replaceAll("[^ -~]", "?");
    }
  }
}

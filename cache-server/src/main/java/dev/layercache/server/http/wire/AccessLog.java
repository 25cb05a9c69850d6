package dev.layercache.server.http.wire;

import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each answer, at level info of the logger {@code layercache.access}. */
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("layercache.access");

  private AccessLog() {}

  static void answered(Request request, SocketAddress remote, Answer answer, long nanos) {
    if (LOG.isInfoEnabled()) {
      LOG.info(
          "{} {} {} {} {} {} bytes {} us",
          request.id(),
          remote,
          request.method(),
          request.head().uri(),
          answer.status().code(),
          answer.body().length(),
          nanos / 1000);
    }
  }
}

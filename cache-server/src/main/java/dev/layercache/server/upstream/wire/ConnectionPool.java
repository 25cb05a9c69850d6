package dev.layercache.server.upstream.wire;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;

/** Connections that wait for their next request, the one used last first. Thread-safe. */
final class ConnectionPool implements AutoCloseable {
  /** Most that wait; the one that waited for longest is closed for another. */
  private static final int MAX_IDLE = 16;

  /** Shorter than most servers keep a quiet connection. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(20);

  private record Idle(ClientConnection connection, long since) {}

  private final ArrayDeque<Idle> idle = new ArrayDeque<>();
  private boolean closed;

  synchronized Optional<ClientConnection> take(Endpoint endpoint) {
    long oldest = System.nanoTime() - MAX_WAIT.toNanos();
    for (Iterator<Idle> all = idle.iterator(); all.hasNext(); ) {
      var candidate = all.next();
      var connection = candidate.connection();
      if (candidate.since() - oldest < 0 || !connection.isIdle()) {
        all.remove();
        connection.close();
      } else if (connection.endpoint().equals(endpoint)) {
        all.remove();
        return Optional.of(connection);
      }
    }
    return Optional.empty();
  }

  synchronized void give(ClientConnection connection) {
    if (closed || !connection.isIdle()) {
      connection.close();
      return;
    }
    if (idle.size() == MAX_IDLE) {
      idle.removeLast().connection().close();
    }
    idle.addFirst(new Idle(connection, System.nanoTime()));
  }

  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(waiting -> waiting.connection().close());
    idle.clear();
  }
}

package dev.layercache.server.grpc;

import dev.layercache.transport.Received;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Hands the messages of one call from the transport's thread to the call's virtual thread. Holds as
 * many as were asked for, which is the bound.
 */
final class Inbox<T> implements AutoCloseable {
  /** Longest wait for a first message of some MiB: the call holds its share of memory meanwhile. */
  private static final Duration FIRST = Duration.ofSeconds(30);

  private final LinkedBlockingQueue<Event<T>> events = new LinkedBlockingQueue<>();
  private final Duration patience;
  private volatile boolean closed;

  private sealed interface Event<T> {
    record Message<T>(Received<T> message) implements Event<T> {}

    record End<T>() implements Event<T> {}

    record Cancelled<T>() implements Event<T> {}
  }

  /**
   * @param patience longest wait for a message
   */
  Inbox(Duration patience) {
    this.patience = patience;
  }

  /** Puts a message in; it now belongs to whoever takes it out. Never waits. */
  void put(Received<T> message) {
    events.add(new Event.Message<>(message));
    if (closed) {
      close();
    }
  }

  /** The client has sent its last message. */
  void end() {
    events.add(new Event.End<>());
  }

  /** The call is over. */
  void cancel() {
    events.add(new Event.Cancelled<>());
  }

  /**
   * Waits for the next message, which the caller closes; empty when the client has sent its last.
   *
   * @throws StatusException if the call was cancelled, or nothing came for too long
   */
  Optional<Received<T>> take() throws StatusException, InterruptedException {
    return take(patience);
  }

  /** As {@link #take}, for the first message: whoever opens a call has something to send. */
  Optional<Received<T>> takeFirst() throws StatusException, InterruptedException {
    return take(patience.compareTo(FIRST) < 0 ? patience : FIRST);
  }

  private Optional<Received<T>> take(Duration longest)
      throws StatusException, InterruptedException {
    var event = events.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
    return switch (event) {
      case null ->
          throw GrpcErrors.stalled("the client sent nothing for %d seconds", longest.toSeconds());
      case Event.Message<T>(var message) -> Optional.of(message);
      case Event.End<T>() -> Optional.empty();
      case Event.Cancelled<T>() -> throw GrpcErrors.cancelled();
    };
  }

  /** Frees what was not taken, and whatever still comes. */
  @Override
  public void close() {
    closed = true;
    for (var event = events.poll(); event != null; event = events.poll()) {
      if (event instanceof Event.Message<T>(var message)) {
        message.close();
      }
    }
  }
}

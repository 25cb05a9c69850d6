package dev.layercache.client;

import dev.layercache.transport.Received;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A streaming call, used in plain blocking style by one thread: the event loop only leaves word of
 * what happened. It fails when its position has not moved for the idle timeout; {@link #close}
 * cancels what has not ended.
 */
final class StreamCall<Q, R> implements AutoCloseable {
  /** Messages asked for and not yet taken: one being used, one on its way. */
  private static final int INBOUND_MESSAGES = 2;

  /** Two messages, so that the socket does not run dry while the next one is read. */
  private static final int ON_READY_THRESHOLD_BYTES = 2 << 20;

  private final String what;
  private final Failures failures;
  private final long idleNanos;

  /** When the call has been idle for too long; used by its one thread. */
  private long idleEnd;

  private long furthest = -1;
  private final ClientCall<Q, R> call;
  private final Object lock = new Object();
  private final Deque<R> received = new ArrayDeque<>();
  private boolean closed;
  private @Nullable Status ended;
  private @Nullable Metadata trailers;

  /**
   * Starts the call.
   *
   * @param what it does, for messages
   */
  StreamCall(Connection connection, Channel channel, MethodDescriptor<Q, R> method, String what) {
    this.what = what;
    this.failures = connection.failures();
    this.idleNanos = connection.options().idleTimeout().toNanos();
    this.call =
        channel.newCall(method, CallOptions.DEFAULT.withOnReadyThreshold(ON_READY_THRESHOLD_BYTES));
    call.start(new Events(), new Metadata());
    call.request(INBOUND_MESSAGES);
  }

  /**
   * Sends a message once the connection can take it.
   *
   * @return false, without having sent, if the server has ended the call or answered already
   */
  boolean send(Q message, long position, long size) throws LayercacheException {
    synchronized (lock) {
      await(() -> call.isReady() || ended != null || !received.isEmpty(), position, size);
      if (ended != null || !received.isEmpty()) {
        return false;
      }
    }
    call.sendMessage(message);
    return true;
  }

  /** Sends the only message of a call that takes one; gRPC reports no readiness for those. */
  void sendOnly(Q message) {
    call.sendMessage(message);
    call.halfClose();
  }

  /** Says that nothing more is sent. */
  void halfClose() {
    call.halfClose();
  }

  /**
   * The next message.
   *
   * @return empty when the server ended the call with OK
   * @throws LayercacheException if it ended it in another way
   */
  Optional<R> receive(long position, long size) throws LayercacheException {
    R message;
    synchronized (lock) {
      await(() -> ended != null || !received.isEmpty(), position, size);
      message = received.poll();
      if (message == null) {
        if (ended != null && !ended.isOk()) {
          throw failures.of(what, ended, trailers);
        }
        return Optional.empty();
      }
    }
    call.request(1);
    return Optional.of(message);
  }

  @Override
  public void close() {
    boolean cancel;
    synchronized (lock) {
      closed = true;
      cancel = ended == null;
      received.forEach(StreamCall::discard);
      received.clear();
    }
    if (cancel) {
      call.cancel("no longer wanted", null);
    }
  }

  /** Messages may hold buffers of the transport. */
  private static void discard(Object message) {
    if (message instanceof Received<?> held) {
      held.close();
    }
  }

  private interface Condition {
    boolean holds();
  }

  /** Messages without a byte are no progress. */
  private void await(Condition condition, long position, long size) throws LayercacheException {
    if (position > furthest) {
      furthest = position;
      idleEnd = System.nanoTime() + idleNanos;
    }
    try {
      while (!condition.holds()) {
        long left = idleEnd - System.nanoTime();
        if (left <= 0) {
          throw failures.idle(what, position, size, TimeUnit.NANOSECONDS.toMillis(idleNanos));
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    } catch (InterruptedException e) {
      throw failures.interrupted(e);
    }
  }

  private final class Events extends ClientCall.Listener<R> {
    @Override
    public void onMessage(R message) {
      synchronized (lock) {
        if (closed) {
          discard(message);
          return;
        }
        received.add(message);
        lock.notifyAll();
      }
    }

    @Override
    public void onReady() {
      synchronized (lock) {
        lock.notifyAll();
      }
    }

    @Override
    public void onClose(Status status, Metadata closingTrailers) {
      synchronized (lock) {
        ended = status;
        trailers = closingTrailers;
        lock.notifyAll();
      }
    }
  }
}

package dev.layercache.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way to one server: calls with deadline and retries, and slots for transfers. Thread-safe.
 *
 * <p>Every transfer slot has an HTTP/2 connection of its own, opened when first used: all streams of
 * a connection share one receive window, and a slow reader would stall the others.
 */
final class Connection implements AutoCloseable {
  private final ClientOptions options;
  private final Failures failures;
  private final ChannelFactory channels;
  private final ManagedChannel control;
  private final Deque<ManagedChannel> idle = new ArrayDeque<>();
  private final Deque<ManagedChannel> transfers = new ArrayDeque<>();
  private boolean closed;

  /** Does not connect yet. */
  Connection(ClientOptions options) {
    this.options = options;
    this.failures = new Failures(options.address(), this::isClosed);
    this.channels = new ChannelFactory(options);
    this.control = channels.open();
  }

  /** What moves bytes over a slot's channel. */
  @FunctionalInterface
  interface Transfer<T> {
    T over(Channel channel) throws IOException;
  }

  ClientOptions options() {
    return options;
  }

  Failures failures() {
    return failures;
  }

  /** One call, repeated while the server cannot be reached. Only for what may be repeated. */
  <Q, R> R call(MethodDescriptor<Q, R> method, Q request) throws LayercacheException {
    for (int failed = 0; ; failed++) {
      try {
        return ClientCalls.blockingUnaryCall(
            control,
            method,
            CallOptions.DEFAULT.withDeadlineAfter(
                options.deadline().toNanos(), TimeUnit.NANOSECONDS),
            request);
      } catch (StatusRuntimeException e) {
        pauseBeforeRetry(failed, failures.of(method.getFullMethodName(), e));
      }
    }
  }

  /** Waits for a slot, then transfers over it. */
  <T> T transfer(Transfer<T> transfer) throws IOException {
    ManagedChannel channel = takeSlot();
    try {
      return transfer.over(channel);
    } finally {
      returnSlot(channel);
    }
  }

  /**
   * Pauses, longer after each failure.
   *
   * @param failed attempts that failed before this one
   * @throws LayercacheException {@code failure} itself, if it is none that passes or the retries are
   *     used up
   */
  void pauseBeforeRetry(int failed, LayercacheException failure) throws LayercacheException {
    if (failure.kind() != LayercacheException.Kind.UNAVAILABLE || failed >= options.retries()) {
      throw failure;
    }
    sleep(backoff(failed), failure);
  }

  private Duration backoff(int failed) {
    long longest = options.maxBackoff().toNanos();
    long pause = options.firstBackoff().toNanos();
    for (int i = 0; i < failed && pause < longest; i++) {
      pause *= 2;
    }
    pause = Math.min(pause, longest);
    return Duration.ofNanos(pause - ThreadLocalRandom.current().nextLong(pause / 2 + 1));
  }

  private synchronized void sleep(Duration pause, LayercacheException cause)
      throws LayercacheException {
    long end = System.nanoTime() + pause.toNanos();
    try {
      for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
        requireOpen(cause);
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      throw failures.interrupted(e);
    }
    requireOpen(cause);
    // Without this, a channel waits out its own back-off, which knows nothing of these pauses.
    control.resetConnectBackoff();
    transfers.forEach(ManagedChannel::resetConnectBackoff);
  }

  private synchronized ManagedChannel takeSlot() throws LayercacheException {
    try {
      while (true) {
        requireOpen(null);
        // The one used last first: a client that moves one blob at a time keeps one connection.
        ManagedChannel free = idle.pollFirst();
        if (free != null) {
          return free;
        }
        if (transfers.size() < options.parallelTransfers()) {
          ManagedChannel opened = channels.open();
          transfers.add(opened);
          return opened;
        }
        // Ends when another transfer does: each of those has an idle timeout.
        wait();
      }
    } catch (InterruptedException e) {
      throw failures.interrupted(e);
    }
  }

  private synchronized void returnSlot(ManagedChannel channel) {
    idle.addFirst(channel);
    notifyAll();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void requireOpen(@Nullable Throwable cause)
      throws LayercacheException {
    if (isClosed()) {
      throw failures.closed(cause);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      notifyAll();
      control.shutdownNow();
      transfers.forEach(ManagedChannel::shutdownNow);
    }
    channels.close();
  }
}

package dev.layercache.client;

import static java.util.Comparator.comparingInt;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way to one server: calls with deadline and retries, and slots for transfers. Thread-safe.
 *
 * <p>All streams of an HTTP/2 connection share one receive window, so a reader that stalls stalls
 * its neighbours too. Transfers therefore have connections of their own, and a call never waits for
 * one. They are few, because each costs the server a window.
 */
final class Connection implements AutoCloseable {
  private static final int MAX_TRANSFER_CHANNELS = 2;
  private static final long CLOSE_SECONDS = 5;

  private final ClientOptions options;
  private final Failures failures;
  private final ChannelFactory channels;
  private final ManagedChannel control;
  private final List<TransferChannel> transfers = new ArrayList<>();
  private int transfersUnderWay;
  private boolean closed;

  /** Does not connect yet. */
  Connection(ClientOptions options) {
    this.options = options;
    this.failures = new Failures(options.address(), this::isClosed);
    this.channels = new ChannelFactory(options);
    this.control = channels.open();
  }

  /** A channel that transfers share. Guarded by the connection's lock. */
  private static final class TransferChannel {
    private final ManagedChannel channel;
    private int users;

    TransferChannel(ManagedChannel channel) {
      this.channel = channel;
    }
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
      requireOpen(null);
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

  /** The right to transfer one blob over a channel; closing gives it back and must happen once. */
  static final class Slot implements AutoCloseable {
    private final Connection connection;
    private final TransferChannel used;

    private Slot(Connection connection, TransferChannel used) {
      this.connection = connection;
      this.used = used;
    }

    Channel channel() {
      return used.channel;
    }

    @Override
    public void close() {
      connection.returnSlot(used);
    }
  }

  /** Waits for a slot. */
  Slot slot() throws LayercacheException {
    return new Slot(this, takeSlot());
  }

  /** Waits for a slot, then transfers over it. */
  <T> T transfer(Transfer<T> transfer) throws IOException {
    try (var slot = slot()) {
      return transfer.over(slot.channel());
    }
  }

  /**
   * Pauses, longer after each failure.
   *
   * @param failed attempts that failed before this one
   * @throws LayercacheException {@code failure} itself, if it is none that passes or the retries
   *     are used up
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
    transfers.forEach(transfer -> transfer.channel.resetConnectBackoff());
  }

  private synchronized TransferChannel takeSlot() throws LayercacheException {
    try {
      requireOpen(null);
      while (transfersUnderWay == options.parallelTransfers()) {
        // Ends when another transfer does: each of those has an idle timeout.
        wait();
        requireOpen(null);
      }
    } catch (InterruptedException e) {
      throw failures.interrupted(e);
    }
    TransferChannel slot = leastUsed();
    slot.users++;
    transfersUnderWay++;
    return slot;
  }

  private synchronized TransferChannel leastUsed() {
    Optional<TransferChannel> least = transfers.stream().min(comparingInt(slot -> slot.users));
    if (least.isPresent()
        && (least.get().users == 0 || transfers.size() == MAX_TRANSFER_CHANNELS)) {
      return least.get();
    }
    var opened = new TransferChannel(channels.open());
    transfers.add(opened);
    return opened;
  }

  private synchronized void returnSlot(TransferChannel slot) {
    slot.users--;
    transfersUnderWay--;
    notifyAll();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void requireOpen(@Nullable Throwable cause) throws LayercacheException {
    if (isClosed()) {
      throw failures.closed(cause);
    }
  }

  @Override
  public void close() {
    var opened = new ArrayList<ManagedChannel>();
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      notifyAll();
      opened.add(control);
      transfers.forEach(transfer -> opened.add(transfer.channel));
    }
    opened.forEach(ManagedChannel::shutdownNow);
    opened.forEach(Connection::awaitTermination);
    channels.close();
  }

  private static void awaitTermination(ManagedChannel channel) {
    try {
      channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      // Closing goes on: nobody else would end the threads.
      Thread.currentThread().interrupt();
    }
  }
}

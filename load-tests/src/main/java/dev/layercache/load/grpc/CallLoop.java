package dev.layercache.load.grpc;

import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * Small calls in a closed loop: a fixed number is in flight, and each that ends starts the next on
 * the same connection.
 */
public final class CallLoop {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Channels channels;
  private final MethodDescriptor<byte[], byte[]> method;
  private final LongFunction<byte[]> requests;
  private final Predicate<byte[]> expected;

  /**
   * @param requests the message of the call with this number; called from several threads
   * @param expected what the one message of every response must be
   */
  public CallLoop(
      Channels channels,
      MethodDescriptor<byte[], byte[]> method,
      LongFunction<byte[]> requests,
      Predicate<byte[]> expected) {
    this.channels = channels;
    this.method = method;
    this.requests = requests;
    this.expected = expected;
  }

  /**
   * @param inFlight over all connections
   * @throws IOException if a call fails or its response is not as expected
   */
  public Load run(int inFlight, Duration duration) throws IOException, InterruptedException {
    var run = new Run(inFlight, System.nanoTime() + duration.toNanos());
    long before = channels.socketBytes();
    long begin = System.nanoTime();
    for (int i = 0; i < inFlight; i++) {
      run.next(i);
    }
    run.await(duration.plus(PATIENCE));
    var elapsed = Duration.ofNanos(System.nanoTime() - begin);
    return new Load(
        run.latencies.count(), 0, channels.socketBytes() - before, elapsed, run.latencies);
  }

  private final class Run {
    private final Latencies latencies = new Latencies();
    private final AtomicLong started = new AtomicLong();
    private final AtomicInteger lanes;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final long until;

    Run(int lanes, long until) {
      this.lanes = new AtomicInteger(lanes);
      this.until = until;
    }

    void next(int lane) {
      var call = channels.get(lane).newCall(method, CallOptions.DEFAULT);
      long begin = System.nanoTime();
      call.start(new Response(this, lane, begin), new Metadata());
      call.sendMessage(requests.apply(started.getAndIncrement()));
      call.halfClose();
      call.request(2);
    }

    void failed(String reason) {
      end.completeExceptionally(new IOException(reason));
    }

    void ended(int lane, long begin) {
      long now = System.nanoTime();
      latencies.recordNanos(now - begin);
      if (now < until) {
        next(lane);
      } else if (lanes.decrementAndGet() == 0) {
        end.complete(null);
      }
    }

    void await(Duration patience) throws IOException, InterruptedException {
      try {
        end.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw new IOException("%s: %s".formatted(method.getFullMethodName(), e.getCause()), e);
      } catch (TimeoutException e) {
        throw new IOException("calls did not end within %s".formatted(patience), e);
      }
    }
  }

  private final class Response extends ClientCall.Listener<byte[]> {
    private final Run run;
    private final int lane;
    private final long begin;
    private int asExpected;
    private int messages;

    Response(Run run, int lane, long begin) {
      this.run = run;
      this.lane = lane;
      this.begin = begin;
    }

    @Override
    public void onMessage(byte[] message) {
      messages++;
      asExpected += expected.test(message) ? 1 : 0;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!status.isOk()) {
        run.failed(status.toString());
      } else if (messages != 1 || asExpected != 1) {
        run.failed("%d messages, %d as expected (expected: 1)".formatted(messages, asExpected));
      } else {
        run.ended(lane, begin);
      }
    }
  }
}

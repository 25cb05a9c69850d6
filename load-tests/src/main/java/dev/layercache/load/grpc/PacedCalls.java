package dev.layercache.load.grpc;

import dev.layercache.load.measure.Latencies;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * One small call at a fixed pace over one connection: each is started when it is due, however long
 * others take. Latencies count from the moment that a call was due to its end, which is seen on the
 * connection's event loop.
 */
public final class PacedCalls {
  private static final long PATIENCE_SECONDS = 60;

  private PacedCalls() {}

  /**
   * Starts the calls and waits for all of them.
   *
   * @throws IOException if a call fails or does not end
   */
  public static Latencies run(
      int perSecond,
      Duration duration,
      Channel channel,
      MethodDescriptor<byte[], byte[]> method,
      byte[] request)
      throws IOException, InterruptedException {
    var latencies = new Latencies();
    var running = new Phaser(1);
    var failure = new AtomicReference<Throwable>();
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    long begin = System.nanoTime();
    for (long due = begin; due < begin + duration.toNanos(); due += interval) {
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      running.register();
      ClientCalls.asyncUnaryCall(
          channel.newCall(method, CallOptions.DEFAULT),
          request,
          new Ending(due, latencies, running, failure));
    }
    try {
      running.awaitAdvanceInterruptibly(running.arrive(), PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("%d calls did not end".formatted(running.getUnarrivedParties()), e);
    }
    if (failure.get() != null) {
      throw new IOException("a call failed: " + failure.get(), failure.get());
    }
    return latencies;
  }

  private record Ending(
      long due, Latencies latencies, Phaser running, AtomicReference<Throwable> failure)
      implements StreamObserver<byte[]> {

    @Override
    public void onNext(byte[] response) {
      // Only that it came counts.
    }

    @Override
    public void onError(Throwable why) {
      failure.compareAndSet(null, why);
      running.arriveAndDeregister();
    }

    @Override
    public void onCompleted() {
      latencies.recordNanos(System.nanoTime() - due);
      running.arriveAndDeregister();
    }
  }
}

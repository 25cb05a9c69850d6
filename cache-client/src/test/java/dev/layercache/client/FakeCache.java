package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A small cache on a real socket, whose faults a test decides. */
public final class FakeCache implements AutoCloseable {
  final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
  final Faults faults = new Faults();
  final LongAdder bytesWritten = new LongAdder();
  final LongAdder bytesRead = new LongAdder();
  final AtomicInteger openStreams = new AtomicInteger();
  final AtomicInteger mostOpenStreams = new AtomicInteger();
  final FakeImages images = new FakeImages(this);
  private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Server server;

  public FakeCache() {
    try {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(new FakeStorage(this))
              .addService(new FakeCapabilities())
              .addService(new FakeByteStream(this))
              .addService(images)
              .intercept(new Gatekeeper())
              .executor(threads)
              .maxInboundMessageSize(16 << 20)
              .flowControlWindow(8 << 20)
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Options without patience: short pauses, so that a test of failures is quick. */
  public ClientOptions options() {
    return ClientOptions.server("127.0.0.1:" + server.getPort())
        .withRetries(3, Duration.ofMillis(5), Duration.ofMillis(20))
        .withIdleTimeout(Duration.ofSeconds(20));
  }

  LayercacheClient client() throws LayercacheException {
    return LayercacheClient.connect(options());
  }

  /** Sets the platform that inspected images say they are for. */
  public void inspectAs(String platform) {
    images.inspectedPlatform = platform;
  }

  Descriptor add(byte[] content) {
    var digest = Digest.of(content);
    blobs.put(digest, content);
    return new Descriptor(MediaTypes.OCI_LAYER, digest, content.length);
  }

  /** Calls of a method, by its bare name, including those that were answered UNAVAILABLE. */
  long calls(String method) {
    return calls.getOrDefault(method, new LongAdder()).sum();
  }

  /**
   * Counts a stream until the result is run; to be run before the client can know of its end, and
   * running it again does nothing.
   */
  Runnable enterStream() {
    mostOpenStreams.accumulateAndGet(openStreams.incrementAndGet(), Math::max);
    var open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        openStreams.decrementAndGet();
      }
    };
  }

  @Override
  public void close() {
    faults.gate.countDown();
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
  }

  private final class Gatekeeper implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      calls
          .computeIfAbsent(
              String.valueOf(call.getMethodDescriptor().getBareMethodName()), n -> new LongAdder())
          .increment();
      if (faults.takeUnavailable()) {
        call.close(Status.UNAVAILABLE.withDescription("injected"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }
}

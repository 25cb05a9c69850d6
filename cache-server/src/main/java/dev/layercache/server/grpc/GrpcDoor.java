package dev.layercache.server.grpc;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Listens for gRPC, serves blobs and the services that it is given, and drains when it is closed.
 * Thread-safe.
 */
public final class GrpcDoor implements AutoCloseable {
  /** How long cancelled calls may take to end; none waits for longer in a store. */
  private static final Duration AFTER_CANCEL = Duration.ofSeconds(30);

  private final EventLoops loops = new EventLoops();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;
  private final HostPort listen;
  private final Duration drain;

  private GrpcDoor(
      ServerConfig config,
      MemoryBudget budget,
      InetSocketAddress address,
      int window,
      BlobStore store,
      List<? extends BindableService> services) {
    var limits = config.limits();
    var builder = Transport.at(address, loops, limits, window);
    addBlobServices(builder, config, budget.limits(limits.stall()), store);
    for (var service : services) {
      builder.addService(
          ServerInterceptors.intercept(service, new CallerAddress(), new OffloadedCall(threads)));
    }
    this.server =
        builder
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build();
    this.listen = config.grpc().listen();
    this.drain = limits.drain();
  }

  /**
   * Starts to listen.
   *
   * @param store what is served; the caller closes it after this
   * @param services further ones, all of their methods with one request; they run on virtual
   *     threads and may block
   * @throws IOException if nobody can listen at the address; the message names it
   */
  public static GrpcDoor open(
      ServerConfig config, BlobStore store, List<? extends BindableService> services)
      throws IOException {
    return open(config, MemoryBudget.ofProcess(), store, services);
  }

  static GrpcDoor open(
      ServerConfig config,
      MemoryBudget budget,
      BlobStore store,
      List<? extends BindableService> services)
      throws IOException {
    int window = budget.receiveWindow(config.limits().maxConnections());
    var address = resolve(config.grpc().listen());
    var door = new GrpcDoor(config, budget, address, window, store, services);
    try {
      door.server.start();
      return door;
    } catch (IOException e) {
      door.close();
      var reason = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "cannot listen on %s: %s".formatted(door.listen, reason.getMessage()), e);
    }
  }

  private static InetSocketAddress resolve(HostPort listen) throws UnknownHostException {
    var address = new InetSocketAddress(listen.host(), listen.port());
    if (address.isUnresolved()) {
      throw new UnknownHostException(
          "cannot listen on %s: the host is not known".formatted(listen));
    }
    return address;
  }

  private void addBlobServices(
      NettyServerBuilder builder, ServerConfig config, CallLimits limits, BlobStore store) {
    builder
        .addService(new CapabilitiesService(config.storage().maxBlobSize().bytes()))
        .addService(new ContentAddressableStorageService(store, limits, threads))
        .addService(new ByteStreamService(store, limits, threads));
  }

  /** Where it listens, with the port that was picked. */
  public HostPort address() {
    return listen.withPort(server.getPort());
  }

  /**
   * Tells health checks that it is not serving, takes no further call, lets those in progress end
   * within the configured time, then cancels them. Uploads that were cancelled stay resumable.
   * Idempotent.
   */
  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdown();
    try {
      if (!server.awaitTermination(drain.toNanos(), TimeUnit.NANOSECONDS)) {
        server.shutdownNow();
        server.awaitTermination(AFTER_CANCEL.toNanos(), TimeUnit.NANOSECONDS);
      }
      threads.shutdown();
      if (!threads.awaitTermination(AFTER_CANCEL.toNanos(), TimeUnit.NANOSECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
    loops.close();
  }
}

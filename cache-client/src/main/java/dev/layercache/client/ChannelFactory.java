package dev.layercache.client;

import dev.layercache.transport.LargeFrames;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Opens channels to one server, all on the same few threads, which end when this is closed. gRPC's
 * own shared threads are not used: they outlive the client.
 */
final class ChannelFactory implements AutoCloseable {
  /** Room for a batch and its names; the server sends stream messages of about 1 MiB. */
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  /** Measured on one machine: with 64 KiB a download has a quarter of the rate. */
  private static final int FLOW_CONTROL_WINDOW_BYTES = 8 << 20;

  private static final int MAX_EVENT_LOOPS = 4;
  private static final long IDLE_CONNECTION_SECONDS = 60;
  private static final long CLOSE_SECONDS = 5;

  private final ClientOptions options;
  private final EventLoopGroup eventLoops;
  private final Supplier<Channel> sockets;
  private final ThreadPoolExecutor resolver;

  ChannelFactory(ClientOptions options) {
    this.options = options;
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.sockets = epoll ? EpollSocketChannel::new : NioSocketChannel::new;
    int threads =
        Math.min(
            MAX_EVENT_LOOPS,
            Math.min(options.parallelTransfers() + 1, Runtime.getRuntime().availableProcessors()));
    this.eventLoops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("layercache-client", true), io);
    this.resolver =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("layercache-resolver", true));
    resolver.allowCoreThreadTimeOut(true);
  }

  /**
   * A channel that connects when it is first used. The caller shuts it down before this factory is
   * closed. Callbacks run on the event loop and must not block.
   */
  ManagedChannel open() {
    return NettyChannelBuilder.forAddress(options.host(), options.port())
        .usePlaintext()
        .eventLoopGroup(eventLoops)
        .channelFactory(this::socket)
        .withOption(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.min(options.deadline().toMillis(), Integer.MAX_VALUE))
        .directExecutor()
        .offloadExecutor(resolver)
        // A stream cannot be repeated from memory: it is continued by the caller instead.
        .disableRetry()
        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .idleTimeout(IDLE_CONNECTION_SECONDS, TimeUnit.SECONDS)
        .build();
  }

  private Channel socket() {
    var socket = sockets.get();
    socket.pipeline().addFirst(new LargeFrames());
    return socket;
  }

  @Override
  public void close() {
    eventLoops
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    resolver.shutdownNow();
  }
}

package dev.layercache.load.grpc;

import dev.layercache.transport.LargeFrames;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * HTTP/2 connections to one server, set up as our client's are, whose bytes are counted. Callbacks
 * run on the event loops. The caller closes it.
 */
public final class Channels implements AutoCloseable {
  private static final int WINDOW_BYTES = 8 << 20;
  private static final int MAX_MESSAGE_BYTES = 16 << 20;
  private static final int CLOSE_SECONDS = 10;

  private final EventLoopGroup loops;
  private final LongAdder socketBytes = new LongAdder();
  private final List<ManagedChannel> channels;

  /** Connects when the first call is made. */
  public Channels(InetSocketAddress server, int connections) {
    int threads = Math.min(connections, Runtime.getRuntime().availableProcessors());
    loops = new MultiThreadIoEventLoopGroup(threads, EpollIoHandler.newFactory());
    channels = IntStream.range(0, connections).mapToObj(i -> open(server)).toList();
  }

  private ManagedChannel open(InetSocketAddress server) {
    return NettyChannelBuilder.forAddress(server)
        .usePlaintext()
        .eventLoopGroup(loops)
        .channelFactory(
            () -> {
              var channel = new EpollSocketChannel();
              channel.pipeline().addFirst(new SocketByteCounter(socketBytes), new LargeFrames());
              return channel;
            })
        .directExecutor()
        .disableRetry()
        .flowControlWindow(WINDOW_BYTES)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .build();
  }

  int count() {
    return channels.size();
  }

  /** The connection of worker {@code index}; workers share when there are more of them. */
  public ManagedChannel get(int index) {
    return channels.get(index % channels.size());
  }

  /** On all connections, both ways, so far. */
  public long socketBytes() {
    return socketBytes.sum();
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    loops.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}

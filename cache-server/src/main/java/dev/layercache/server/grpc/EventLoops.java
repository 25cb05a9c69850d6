package dev.layercache.server.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that move bytes: epoll where the system has it, and one for each of the first 64
 * connections, further ones share. A small call waits behind what its event loop does for other
 * connections, and a download of one of those is worth milliseconds each time; among threads the
 * kernel chooses, and it favours those that were asleep. One for each processor is Netty's default:
 * beside 64 downloads the p99 of GetCapabilities was 204 ms with that, 24 ms with 16 loops and 9 ms
 * with 64. A loop's thread starts with its first connection.
 */
final class EventLoops implements AutoCloseable {
  private static final long CLOSE_SECONDS = 5;

  /**
   * How long a loop runs tasks before it looks at its sockets again. Netty's default is a second:
   * 64 downloads queue a task for each message, and small calls must not wait behind them that
   * long.
   */
  private static final long TASK_MILLIS = 1;

  private static final int LOOPS = Math.max(64, 2 * Runtime.getRuntime().availableProcessors());

  private final MultiThreadIoEventLoopGroup acceptor;
  private final MultiThreadIoEventLoopGroup workers;
  private final Class<? extends ServerChannel> channel;

  EventLoops() {
    boolean epoll = Epoll.isAvailable();
    this.channel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    this.acceptor = group("grpc-accept", 1, epoll);
    this.workers = group("grpc-io", LOOPS, epoll);
  }

  private static MultiThreadIoEventLoopGroup group(String name, int threads, boolean epoll) {
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), handlers) {
      @Override
      protected IoEventLoop newChild(Executor executor, IoHandlerFactory handler, Object... args) {
        return new SingleThreadIoEventLoop(
            this,
            executor,
            handler,
            Integer.MAX_VALUE,
            RejectedExecutionHandlers.reject(),
            TASK_MILLIS);
      }
    };
  }

  /** Makes a server run on these. */
  NettyServerBuilder use(NettyServerBuilder builder) {
    return builder
        .channelType(channel)
        .bossEventLoopGroup(acceptor)
        .workerEventLoopGroup(workers)
        .withOption(ChannelOption.SO_REUSEADDR, true)
        .withChildOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
  }

  /** Stops the threads, after the servers that run on them; waits 5 seconds at most. */
  @Override
  public void close() {
    acceptor.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    workers.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    acceptor.terminationFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    workers.terminationFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}

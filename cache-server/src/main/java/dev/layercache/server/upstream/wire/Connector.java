package dev.layercache.server.upstream.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Opens connections, to addresses that were checked and to no others. Thread-safe. */
final class Connector implements AutoCloseable {
  /** Addresses of a name that are tried. */
  private static final int MAX_ADDRESSES = 4;

  /** Largest read of a socket, and part of a body. */
  private static final int MAX_PART = 256 << 10;

  private static final int MAX_LINE = 8 << 10;
  private static final int MAX_HEADER = 64 << 10;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          new DefaultThreadFactory("upstream-loop", true),
          NioIoHandler.newFactory());

  /**
   * Resolves, checks, connects, and agrees on TLS.
   *
   * @throws RefusedAddressException if the host is where {@code guard} lets nobody go
   * @throws IOException if no address answers in time
   */
  ClientConnection connect(Endpoint endpoint, AddressGuard guard, SslContext tls, Duration patience)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    var addresses = guard.check(endpoint.host(), resolve(endpoint.host(), patience));
    List<InetAddress> tried = addresses.subList(0, Math.min(addresses.size(), MAX_ADDRESSES));
    IOException failure = new IOException(endpoint.host() + " has no address");
    for (int i = 0; i < tried.size(); i++) {
      long left = deadline - System.nanoTime();
      try {
        return open(endpoint, tried.get(i), tls, Duration.ofNanos(left / (tried.size() - i)));
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  private static InetAddress[] resolve(String host, Duration patience) throws IOException {
    var result = new CompletableFuture<InetAddress[]>();
    Thread.ofVirtual()
        .name("resolve " + host)
        .start(
            () -> {
              try {
                result.complete(InetAddress.getAllByName(host));
              } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TimedOutException(
          "the address of %s was not found within %d ms".formatted(host, patience.toMillis()));
    } catch (ExecutionException e) {
      throw new IOException("%s has no known address".formatted(host), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while resolving " + host, e);
    }
  }

  private ClientConnection open(
      Endpoint endpoint, InetAddress address, SslContext tls, Duration patience)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    var parts = new ResponseParts(endpoint.toString());
    int millis = (int) Math.max(1, patience.toMillis());
    var connecting =
        bootstrap(endpoint, tls, parts)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
            .connect(new InetSocketAddress(address, endpoint.port()));
    var connection = new ClientConnection(endpoint, connecting.channel(), parts);
    try {
      await(connecting, endpoint, patience);
      if (endpoint.secure()) {
        var handler = connecting.channel().pipeline().get(SslHandler.class);
        await(handler.handshakeFuture(), endpoint, Duration.ofNanos(deadline - System.nanoTime()));
      }
      return connection;
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  private Bootstrap bootstrap(Endpoint endpoint, SslContext tls, ResponseParts parts) {
    return new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(64, 16 << 10, MAX_PART))
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (endpoint.secure()) {
                  channel
                      .pipeline()
                      .addLast(tls.newHandler(channel.alloc(), endpoint.host(), endpoint.port()));
                }
                channel.pipeline().addLast(codec(), parts);
              }
            });
  }

  private static HttpClientCodec codec() {
    var config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(MAX_HEADER)
            .setMaxChunkSize(MAX_PART);
    return new HttpClientCodec(config, false, false);
  }

  private static void await(Future<?> future, Endpoint endpoint, Duration patience)
      throws IOException {
    try {
      if (!future.await(Math.max(1, patience.toMillis()))) {
        throw new TimedOutException(
            "%s cannot be connected to within %d ms".formatted(endpoint, patience.toMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while connecting to " + endpoint, e);
    }
    if (!future.isSuccess()) {
      throw new IOException(
          "%s cannot be connected to: %s".formatted(endpoint, future.cause().getMessage()),
          future.cause());
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}

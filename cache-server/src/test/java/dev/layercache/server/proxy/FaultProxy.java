package dev.layercache.server.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * An HTTP/1.1 proxy in front of one server. Every request is counted; what happens to its answer is
 * decided when it comes. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2, new DefaultThreadFactory("fault-proxy", true), NioIoHandler.newFactory());
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Queue<Exchange> exchanges = new ConcurrentLinkedQueue<>();
  private final InetSocketAddress backend;
  private final InetSocketAddress address;
  private volatile Function<Exchange, Fault> faults = exchange -> new Fault.None();

  /** Closed to come back at the same port; see {@link #vanish}. */
  private volatile Channel listening;

  /**
   * Starts on a free port of loopback.
   *
   * @param backend gets the requests
   */
  public FaultProxy(InetSocketAddress backend) throws IOException {
    this.backend = backend;
    this.listening = listen(0);
    this.address = (InetSocketAddress) listening.localAddress();
  }

  private Channel listen(int port) throws IOException {
    var bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channels.add(channel);
                    channel.pipeline().addLast(new HttpServerCodec(), new Front(FaultProxy.this));
                  }
                })
            .bind("127.0.0.1", port)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen: " + bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  public InetSocketAddress address() {
    return address;
  }

  /** {@code http://HOST:PORT}. */
  public String url() {
    return "http://127.0.0.1:" + address.getPort();
  }

  /** From now on requests fail so; called once for each, on an event loop. */
  public void inject(Function<Exchange, Fault> by) {
    faults = by;
  }

  /** Requests are passed on as they are. */
  public void heal() {
    inject(exchange -> new Fault.None());
  }

  /** Refuses connections, and resets those that are open. */
  public void vanish() {
    listening.close().awaitUninterruptibly();
    channels.close().awaitUninterruptibly();
  }

  /** Listens again, at the same port. */
  public void reappear() throws IOException {
    listening = listen(address.getPort());
  }

  /** Requests so far whose path contains a text, in order. */
  public List<Exchange> exchanges(String part) {
    return exchanges.stream().filter(exchange -> exchange.path().contains(part)).toList();
  }

  /** Forgets the requests so far. */
  public void forget() {
    exchanges.clear();
  }

  Fault seen(Exchange exchange) {
    exchanges.add(exchange);
    return faults.apply(exchange);
  }

  InetSocketAddress backend() {
    return backend;
  }

  @Override
  public void close() {
    vanish();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}

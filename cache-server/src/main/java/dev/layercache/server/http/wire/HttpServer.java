package dev.layercache.server.http.wire;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/1.1 server. Started once, closed once; {@link #close} lets requests end before it
 * returns.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /** How often deadlines are looked at, and so how exact they are. */
  static final Duration TICK = Duration.ofMillis(250);

  private static final Duration BREAK_OFF = Duration.ofSeconds(5);

  /** Largest single read of a socket; uploads are limited by small ones. */
  private static final int MAX_READ = 512 << 10;

  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(256 << 10, 512 << 10);

  private final HttpHandler handler;
  private final HttpLimits limits;
  private final AccessLog accessLog;
  private final Semaphore sendBuffers;
  private final EventLoopGroup loops;
  private final ServerBootstrap bootstrap;
  private final Map<EventExecutor, Set<Connection>> connections;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final String idPrefix =
      Integer.toHexString(ThreadLocalRandom.current().nextInt() | 0x10000000) + '-';
  private final AtomicLong ids = new AtomicLong();
  private volatile String date = DateFormatter.format(new Date());
  private volatile Optional<Channel> listening = Optional.empty();
  private volatile boolean draining;

  private HttpServer(
      HttpHandler handler, HttpLimits limits, AccessLog accessLog, Transport transport) {
    this.handler = handler;
    this.limits = limits;
    this.accessLog = accessLog;
    this.sendBuffers = new Semaphore(limits.maxSendBuffers());
    this.loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            new DefaultThreadFactory("http-loop", true),
            transport.handlers());
    var sets = new HashMap<EventExecutor, Set<Connection>>();
    loops.forEach(loop -> sets.put(loop, new HashSet<>()));
    this.connections = Map.copyOf(sets);
    this.bootstrap = bootstrap(transport);
  }

  /**
   * Starts to listen.
   *
   * @param host name or address to listen on
   * @param port 0 picks a free one
   * @throws IOException if that is not possible, because the port is in use, say
   */
  public static HttpServer start(
      HttpHandler handler, HttpLimits limits, AccessLog accessLog, String host, int port)
      throws IOException {
    var server = new HttpServer(handler, limits, accessLog, Transport.best());
    try {
      server.listen(host, port);
    } catch (IOException | RuntimeException e) {
      server.loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw e;
    }
    return server;
  }

  private void listen(String host, int port) throws IOException {
    var bound = bootstrap.bind(new InetSocketAddress(host, port)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on %s:%d: %s".formatted(host, port, bound.cause().getMessage()),
          bound.cause());
    }
    listening = Optional.of(bound.channel());
    for (var loop : loops) {
      loop.scheduleAtFixedRate(
          () -> tick(loop), TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private ServerBootstrap bootstrap(Transport transport) {
    return new ServerBootstrap()
        .group(loops)
        .channel(transport.server())
        .option(ChannelOption.SO_BACKLOG, 4096)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        // Regions that one connection sends before others have a turn: each may wait for the disk.
        .childOption(ChannelOption.WRITE_SPIN_COUNT, 4)
        // Netty's default, the adaptive one, does not pool reads of 512 KiB: each was zeroed and
        // freed.
        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 4096, MAX_READ))
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                var decoder = new StrictRequestDecoder(limits);
                channel
                    .pipeline()
                    .addLast(
                        decoder,
                        new HttpResponseEncoder(),
                        new Connection(HttpServer.this, decoder));
              }
            });
  }

  private void tick(EventExecutor loop) {
    date = DateFormatter.format(new Date());
    for (var connection : List.copyOf(connectionsOf(loop))) {
      try {
        connection.tick();
      } catch (RuntimeException | Error e) {
        // One that came out of here would end all deadlines of this loop.
        LOG.error("deadlines of a connection were not looked at", e);
      }
    }
  }

  /** The port that is listened on. */
  public int port() {
    return ((InetSocketAddress) listening.orElseThrow().localAddress()).getPort();
  }

  /** Connections that are open now. */
  public int connections() {
    return open.get();
  }

  /**
   * Stops listening, closes idle connections, waits up to {@link HttpLimits#drain} for requests to
   * end, then breaks them off. Idempotent.
   */
  @Override
  public void close() {
    draining = true;
    listening.ifPresent(channel -> channel.close().awaitUninterruptibly());
    onEachConnection(Connection::drain);
    awaitZero(open, limits.drain());
    onEachConnection(Connection::breakOff);
    awaitZero(running, BREAK_OFF);
    loops.shutdownGracefully(0, BREAK_OFF.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }

  private void onEachConnection(Consumer<Connection> action) {
    for (var loop : loops) {
      if (!loop.isShuttingDown()) {
        loop.execute(() -> List.copyOf(connectionsOf(loop)).forEach(action));
      }
    }
  }

  private static void awaitZero(AtomicInteger count, Duration most) {
    long end = System.nanoTime() + most.toNanos();
    while (count.get() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private Set<Connection> connectionsOf(EventExecutor loop) {
    return Optional.ofNullable(connections.get(loop)).orElseThrow();
  }

  /** Whether there is room for this connection. On its event loop. */
  boolean opened(Connection connection, ChannelHandlerContext ctx) {
    connectionsOf(ctx.executor()).add(connection);
    return open.incrementAndGet() <= limits.maxConnections() && !draining;
  }

  /** On the connection's event loop. */
  void closed(Connection connection, ChannelHandlerContext ctx) {
    if (connectionsOf(ctx.executor()).remove(connection)) {
      open.decrementAndGet();
    }
  }

  void start(Exchange exchange) {
    running.incrementAndGet();
    Thread.ofVirtual().name("http-request").start(exchange);
  }

  void ended() {
    running.decrementAndGet();
  }

  HttpHandler handler() {
    return handler;
  }

  HttpLimits limits() {
    return limits;
  }

  AccessLog accessLog() {
    return accessLog;
  }

  Semaphore sendBuffers() {
    return sendBuffers;
  }

  boolean isDraining() {
    return draining;
  }

  /** The time of day for the header of that name. */
  String date() {
    return date;
  }

  /** Names a request; unique within this process, and very likely between processes. */
  String nextRequestId() {
    return idPrefix + Long.toHexString(ids.incrementAndGet());
  }
}

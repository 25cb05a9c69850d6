package dev.layercache.load.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes connections and passes their bytes on to a server, over a {@link Wire}. A thread for each
 * direction of a connection; whoever started it closes it.
 */
public final class Relay implements Closeable {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int BACKLOG = 1024;
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final InetSocketAddress server;
  private final Wire wire;
  private final ServerSocketChannel listener;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Thread acceptor = Thread.ofVirtual().name("relay").unstarted(this::accept);

  private Relay(InetSocketAddress server, Wire wire, ServerSocketChannel listener) {
    this.server = server;
    this.wire = wire;
    this.listener = listener;
  }

  /** Listens on a free port of the loopback interface. */
  public static Relay start(InetSocketAddress server, Wire wire) throws IOException {
    var listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress("127.0.0.1", 0), BACKLOG);
    var relay = new Relay(server, wire, listener);
    relay.acceptor.start();
    return relay;
  }

  /** What clients connect to. */
  public InetSocketAddress address() throws IOException {
    return (InetSocketAddress) listener.getLocalAddress();
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        connect(listener.accept());
      } catch (IOException e) {
        // Closed, or this connection failed: the client sees that.
      }
    }
  }

  private void connect(SocketChannel client) throws IOException {
    open.add(client);
    try {
      var upstream = SocketChannel.open(server);
      open.add(upstream);
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
      var directions = new AtomicInteger(2);
      Thread.ofVirtual().start(() -> pass(client, upstream, directions));
      Thread.ofVirtual().start(() -> pass(upstream, client, directions));
    } catch (IOException e) {
      drop(client);
      throw e;
    }
  }

  /**
   * Passes on what comes until it ends.
   *
   * @param directions of this connection that have not ended; the last one closes it
   */
  private void pass(SocketChannel from, SocketChannel to, AtomicInteger directions) {
    var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        wire.carry(buffer.remaining());
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
      if (directions.decrementAndGet() > 0) {
        return;
      }
    } catch (IOException e) {
      // One end is gone: the other shall see it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    drop(from);
    drop(to);
  }

  private void drop(SocketChannel channel) {
    open.remove(channel);
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more.
    }
  }

  /** Takes no connection any more when this returns, and ends those that there are. */
  @Override
  public void close() throws IOException {
    listener.close();
    try {
      // The socket listens until the thread that waits at it has left.
      acceptor.join(CLOSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    open.forEach(this::drop);
  }
}

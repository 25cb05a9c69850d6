package dev.layercache.server.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A TCP relay that counts what passes, and that can be cut as a network can. */
public final class CountingRelay implements AutoCloseable {
  private final InetSocketAddress target;
  private final ServerSocket listening;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong toTarget = new AtomicLong();
  private final AtomicLong fromTarget = new AtomicLong();
  private volatile boolean cut;

  public CountingRelay(String host, int port) throws IOException {
    target = new InetSocketAddress(host, port);
    listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  public String address() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  public long toTarget() {
    return toTarget.get();
  }

  public long fromTarget() {
    return fromTarget.get();
  }

  /** Ends every connection; further ones end at once until {@link #mend}. */
  public void cut() {
    cut = true;
    sockets.forEach(CountingRelay::close);
  }

  public void mend() {
    cut = false;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        var client = listening.accept();
        sockets.add(client);
        if (cut) {
          close(client);
          continue;
        }
        var server = new Socket();
        sockets.add(server);
        server.connect(target, 5_000);
        threads.execute(() -> copy(client, server, toTarget));
        threads.execute(() -> copy(server, client, fromTarget));
      } catch (IOException e) {
        // This connection is lost, or the relay is closed: the loop's condition tells.
      }
    }
  }

  private static void copy(Socket from, Socket to, AtomicLong counted) {
    var buffer = new byte[64 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        counted.addAndGet(length);
        out.write(buffer, 0, length);
      }
    } catch (IOException e) {
      // Either end is gone, and so is the other one now.
    } finally {
      close(from);
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    sockets.forEach(CountingRelay::close);
    threads.close();
  }
}

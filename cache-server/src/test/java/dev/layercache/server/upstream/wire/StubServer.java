package dev.layercache.server.upstream.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ServerSocketFactory;

/** Answers each request with exactly these bytes, whatever HTTP says of them. */
final class StubServer implements AutoCloseable {
  private final ServerSocket listening;
  private final String scheme;
  private final Function<Request, String> answers;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();

  /** The lines of a request's head. */
  record Request(List<String> lines) {
    boolean hasHeader(String name) {
      return lines.stream().anyMatch(l -> l.toLowerCase().startsWith(name.toLowerCase() + ":"));
    }
  }

  /**
   * @param answers gives all bytes of an answer; empty ends the connection, "hang" leaves it
   */
  static StubServer plain(Function<Request, String> answers) throws IOException {
    return new StubServer(ServerSocketFactory.getDefault(), "http", answers);
  }

  StubServer(ServerSocketFactory sockets, String scheme, Function<Request, String> answers)
      throws IOException {
    this.listening = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.scheme = scheme;
    this.answers = answers;
    Thread.ofVirtual().start(this::accept);
  }

  URI url(String host, String path) {
    return URI.create("%s://%s:%d%s".formatted(scheme, host, listening.getLocalPort(), path));
  }

  URI url(String path) {
    return url("localhost", path);
  }

  List<Request> requests() {
    return requests;
  }

  int connections() {
    return connections.get();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        var socket = listening.accept();
        connections.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      while (true) {
        var lines = new ArrayList<String>();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          lines.add(line);
        }
        if (lines.isEmpty()) {
          return;
        }
        var request = new Request(List.copyOf(lines));
        requests.add(request);
        String answer = answers.apply(request);
        if (answer.isEmpty()) {
          return;
        }
        if (!answer.equals("hang")) {
          socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
          socket.getOutputStream().flush();
        }
        if (answer.contains("Connection: close")) {
          return;
        }
      }
    } catch (IOException e) {
      // The client went away.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (var socket : open) {
      socket.close();
    }
  }
}

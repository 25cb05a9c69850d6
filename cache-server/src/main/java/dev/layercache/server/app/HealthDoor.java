package dev.layercache.server.app;

import com.sun.net.httpserver.HttpServer;
import dev.layercache.server.config.HostPort;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers {@code GET /healthz} with 200 and anything else with 404. */
final class HealthDoor implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads;
  private final HostPort address;

  private HealthDoor(HttpServer server, ExecutorService threads, HostPort address) {
    this.server = server;
    this.threads = threads;
    this.address = address;
  }

  static HealthDoor open(HostPort listen) throws IOException {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(listen.host(), listen.port()), 0);
    } catch (BindException e) {
      throw new IOException("cannot listen on %s: %s".formatted(listen, e.getMessage()), e);
    }
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            boolean healthy = exchange.getRequestURI().getPath().equals("/healthz");
            exchange.sendResponseHeaders(healthy ? 200 : 404, -1);
          }
        });
    server.start();
    return new HealthDoor(server, threads, listen.withPort(server.getAddress().getPort()));
  }

  HostPort address() {
    return address;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}

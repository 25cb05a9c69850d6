package dev.layercache.server.upstream.wire;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Requests of one upstream. Connections are kept and used again; at most as many as the bound are
 * open for requests at once, and each answer holds one until it is closed. Thread-safe; call from
 * virtual threads.
 */
public final class HttpClient implements AutoCloseable {
  /** Redirects that are followed for one request. */
  private static final int MAX_REDIRECTS = 5;

  private final Connector connector = new Connector();
  private final ConnectionPool pool = new ConnectionPool();
  private final Semaphore permits;
  private final AddressGuard guard;
  private final SslContext tls;
  private final Timeouts timeouts;

  /**
   * @param own what the configuration names: the upstream itself
   * @param allowPrivate whether it, and where it redirects to, may be in a loopback or private
   *     network
   * @param caFile certificates that are trusted beside the JDK's
   * @param connections requests at once, at least 1; more wait
   * @throws IOException if {@code caFile} cannot be used
   */
  public HttpClient(
      Endpoint own, boolean allowPrivate, Optional<Path> caFile, int connections, Timeouts timeouts)
      throws IOException {
    this.guard = new AddressGuard(allowPrivate, own.host());
    this.tls = TrustedRoots.context(caFile);
    this.permits = new Semaphore(connections, true);
    this.timeouts = timeouts;
  }

  /**
   * Sends a request, follows redirects, and waits for the head of the answer. {@code Authorization}
   * is not sent to another endpoint than the request's own, and nothing goes from https to http.
   *
   * @return an answer with any status but a redirect's, which the caller closes
   * @throws TimedOutException if nothing came in time
   * @throws RefusedAddressException if the request leads where it must not
   * @throws IOException if no answer can be had
   */
  public HttpReply send(HttpCall call) throws IOException {
    var own = Endpoint.of(call.target());
    var current = call;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      var reply = once(current);
      var location = redirect(reply, current);
      if (location.isEmpty()) {
        return reply;
      }
      reply.discard();
      boolean kept = endpoint(location.get()).equals(own);
      current = current.redirected(location.get(), kept);
    }
    throw new IOException(
        "%s redirects more than %d times".formatted(call.target().getHost(), MAX_REDIRECTS));
  }

  private static Optional<URI> redirect(HttpReply reply, HttpCall call) throws IOException {
    boolean redirects =
        switch (reply.status()) {
          case 301, 302, 303, 307, 308 -> call.form().isEmpty();
          default -> false;
        };
    if (!redirects) {
      return Optional.empty();
    }
    try {
      var location = reply.header("Location").orElseThrow(() -> badRedirect(call, "nowhere"));
      URI target = call.target().resolve(location);
      if (Endpoint.of(call.target()).secure() && !endpoint(target).secure()) {
        throw new RefusedAddressException(
            "%s redirects to %s (expected: https, as the request)"
                .formatted(call.target().getHost(), endpoint(target)));
      }
      return Optional.of(target);
    } catch (IOException e) {
      reply.discard();
      throw e;
    } catch (IllegalArgumentException e) {
      reply.discard();
      throw badRedirect(call, "what is not a URL");
    }
  }

  private static Endpoint endpoint(URI target) throws IOException {
    try {
      return Endpoint.of(target);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static IOException badRedirect(HttpCall call, String where) {
    return new IOException(
        "%s redirects to %s (expected: a URL)".formatted(call.target().getHost(), where));
  }

  private HttpReply once(HttpCall call) throws IOException {
    acquire(call);
    try {
      var endpoint = endpoint(call.target());
      var pooled = pool.take(endpoint);
      if (pooled.isPresent()) {
        try {
          return reply(pooled.get(), pooled.get().send(call));
        } catch (TimedOutException e) {
          pooled.get().close();
          throw e;
        } catch (IOException e) {
          // The peer closed it while it was idle; a fresh one tells whether it is there.
          pooled.get().close();
        }
      }
      var connection = connector.connect(endpoint, guard, tls, timeouts.connect());
      try {
        return reply(connection, connection.send(call));
      } catch (IOException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      permits.release();
      throw e;
    }
  }

  private HttpReply reply(ClientConnection connection, HttpResponse head) {
    return new HttpReply(
        connection,
        head,
        timeouts.idle(),
        (used, reusable) -> {
          permits.release();
          if (reusable) {
            pool.give(used);
          } else {
            used.close();
          }
        });
  }

  private void acquire(HttpCall call) throws IOException {
    Duration patience = call.patience();
    try {
      if (!permits.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TooManyRequestsException(
            "no connection to %s became free within %d ms"
                .formatted(call.target().getHost(), patience.toMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a connection", e);
    }
  }

  /** Ends all connections. */
  @Override
  public void close() {
    pool.close();
    connector.close();
  }
}

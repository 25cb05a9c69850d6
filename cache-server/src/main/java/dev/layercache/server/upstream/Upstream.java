package dev.layercache.server.upstream;

import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.mirror.OriginDeniedException;
import dev.layercache.server.upstream.wire.Endpoint;
import dev.layercache.server.upstream.wire.HttpCall;
import dev.layercache.server.upstream.wire.HttpClient;
import dev.layercache.server.upstream.wire.HttpReply;
import dev.layercache.server.upstream.wire.RefusedAddressException;
import dev.layercache.server.upstream.wire.TimedOutException;
import dev.layercache.server.upstream.wire.Timeouts;
import dev.layercache.server.upstream.wire.TooManyRequestsException;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry that is mirrored. Asks it, as long as it is worth asking; says at once that it is not.
 * Thread-safe; blocks on the network.
 */
final class Upstream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

  /** Longest that a request waits to hear whether the upstream is back. */
  private static final Duration TRIAL_PATIENCE = Duration.ofMillis(500);

  private final UpstreamConfig config;
  private final RegistryHost host;
  private final RepositoryPatterns patterns;
  private final HttpClient http;
  private final Authorizer authorizer;
  private final CircuitBreaker breaker;
  private final RateLimit manifests;
  private final RateLimit blobs;
  private final Timeouts timeouts;
  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile CompletableFuture<Boolean> trial = CompletableFuture.completedFuture(false);

  /**
   * @throws IOException if the CA file cannot be used
   * @throws IllegalArgumentException if the host or URL is malformed
   */
  Upstream(UpstreamConfig config, Clock clock) throws IOException {
    this.config = config;
    this.timeouts = Timeouts.of(config.timeout());
    this.host = new RegistryHost(config.host());
    this.patterns = new RepositoryPatterns(config.repositories());
    var endpoint = Endpoint.of(config.url());
    this.http =
        new HttpClient(
            endpoint, config.allowPrivate(), config.caFile(), config.connections(), timeouts);
    this.authorizer = new Authorizer(config, http, timeouts.answer(), clock);
    this.breaker = new CircuitBreaker(clock);
    this.manifests = new RateLimit(clock);
    this.blobs = new RateLimit(clock);
  }

  RegistryHost host() {
    return host;
  }

  Duration tagTimeToLive() {
    return config.tagTimeToLive();
  }

  boolean allows(String repository) {
    return patterns.allow(repository);
  }

  /** Whether blobs are expected to be had. */
  boolean isAvailable() {
    return breaker.state() == CircuitBreaker.State.CLOSED && blobs.pause().isZero();
  }

  /** What is asked for. A registry may refuse one of them and still give the other. */
  enum Kind {
    MANIFEST,
    BLOB
  }

  /**
   * Asks the registry.
   *
   * @param path behind {@code /v2/}
   * @return an answer that the caller closes: 200, 206, 404 and what else says something about the
   *     content
   * @throws UnavailableException if the registry is away, fails, or does not want to be asked now
   * @throws OriginDeniedException if it does not show this to us
   */
  HttpReply ask(Kind kind, String method, String repository, String path, HttpHeader... headers)
      throws IOException {
    requireAllowed(repository);
    var limit = kind == Kind.MANIFEST ? manifests : blobs;
    requireWorthAsking(limit);
    var call = HttpCall.of(method, target(repository + path), timeouts.answer());
    for (var header : headers) {
      call = call.with(header.name(), header.value());
    }
    var reply = send(call, "repository:%s:pull".formatted(repository));
    limit.seen(reply.status(), reply::header);
    return judged(reply, repository, limit);
  }

  /** A header of a request. */
  record HttpHeader(String name, String value) {}

  private HttpReply send(HttpCall call, String scope) throws IOException {
    requests.increment();
    try {
      return authorizer.send(call, scope);
    } catch (TooManyRequestsException e) {
      throw new UnavailableException(name() + ": " + e.getMessage(), e);
    } catch (RefusedAddressException e) {
      LOG.error("upstream {}: {}", name(), e.getMessage());
      throw new UnavailableException("upstream %s: %s".formatted(name(), e.getMessage()), e);
    } catch (TimedOutException e) {
      breaker.unreachable(String.valueOf(e.getMessage()));
      throw away(e);
    } catch (IOException e) {
      breaker.failed(String.valueOf(e.getMessage()));
      throw away(e);
    }
  }

  private UnavailableException away(IOException e) {
    failures.increment();
    return new UnavailableException("upstream %s is away: %s".formatted(name(), e.getMessage()), e);
  }

  private HttpReply judged(HttpReply reply, String repository, RateLimit limit) throws IOException {
    int status = reply.status();
    if (status == 429) {
      failures.increment();
      reply.discard();
      breaker.succeeded();
      throw new UnavailableException(
          "upstream %s limits how often it is asked".formatted(name()), limit.pause());
    }
    if (status >= 500) {
      failures.increment();
      reply.discard();
      breaker.failed("it answered " + status);
      throw new UnavailableException("upstream %s answered %d".formatted(name(), status));
    }
    breaker.succeeded();
    if (status == 401 || status == 403) {
      reply.discard();
      throw new OriginDeniedException(
          "upstream %s does not show %s: it is absent there, or needs other credentials (answer %d)"
              .formatted(name(), repository, status));
    }
    return reply;
  }

  private void requireAllowed(String repository) throws IOException {
    if (!allows(repository)) {
      throw new OriginDeniedException(
          "repository %s of %s is not mirrored (expected: one of %s)"
              .formatted(repository, name(), config.repositories()));
    }
  }

  private void requireWorthAsking(RateLimit limit) throws IOException {
    var pause = limit.pause();
    if (!pause.isZero()) {
      throw new UnavailableException(
          "upstream %s limits how often it is asked".formatted(name()), pause);
    }
    if (breaker.beginTrial()) {
      var found = new CompletableFuture<Boolean>();
      trial = found;
      Thread.ofVirtual().name("trial " + name()).start(() -> found.complete(tryOnce()));
    }
    if (breaker.state() == CircuitBreaker.State.HALF_OPEN) {
      await(trial);
    }
    if (breaker.state() != CircuitBreaker.State.CLOSED) {
      var left = breaker.remaining();
      throw new UnavailableException(
          "upstream %s is away: %s".formatted(name(), breaker.reason()),
          left.compareTo(CircuitBreaker.SHORTEST) < 0 ? CircuitBreaker.SHORTEST : left);
    }
  }

  /** Any answer but a failure of its own means that it is back. */
  private boolean tryOnce() {
    try (var reply = http.send(HttpCall.of("GET", target(""), timeouts.answer()))) {
      reply.discard();
      if (reply.status() < 500) {
        breaker.succeeded();
        return true;
      }
      breaker.unreachable("it answered " + reply.status());
    } catch (IOException | RuntimeException e) {
      breaker.unreachable(String.valueOf(e.getMessage()));
    }
    return false;
  }

  private static void await(CompletableFuture<Boolean> trial) throws IOException {
    try {
      trial.get(TRIAL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // The breaker says what is known.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while an upstream is tried", e);
    }
  }

  private URI target(String path) {
    String base = config.url().toString();
    return URI.create((base.endsWith("/") ? base : base + "/") + "v2/" + path);
  }

  private String name() {
    return host.name();
  }

  UpstreamStatistics statistics() {
    return new UpstreamStatistics(
        name(),
        breaker.state(),
        breaker.reason(),
        requests.sum(),
        failures.sum(),
        manifests.limit(),
        manifests.remaining(),
        manifests.pause());
  }

  @Override
  public void close() {
    http.close();
  }
}

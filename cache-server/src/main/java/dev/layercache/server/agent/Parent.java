package dev.layercache.server.agent;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.LayercacheException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way to the parent. Connects when it is first needed. Once the parent could not be reached,
 * calls fail at once for two seconds; then one of them finds out whether it is back. Thread-safe.
 */
public final class Parent implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** The most that a client allows; fills are bounded on their own, and pushes by their doors. */
  private static final int PARALLEL_TRANSFERS = 64;

  private final ClientOptions options;
  private final Clock clock;
  private final ReentrantLock connecting = new ReentrantLock();
  private final AtomicBoolean trial = new AtomicBoolean();
  private volatile Optional<LayercacheClient> connected = Optional.empty();
  private volatile Optional<Away> away = Optional.empty();
  private volatile boolean closed;

  private record Away(Instant until, String reason) {}

  private Parent(ClientOptions options, Clock clock) {
    this.options = options;
    this.clock = clock;
  }

  /**
   * Does not connect yet.
   *
   * @param address {@code HOST:PORT} of its gRPC door
   * @throws IllegalArgumentException if it is not of that form
   */
  public static Parent at(String address, Clock clock) {
    // Fills repeat by themselves, from where the bytes end; clients that push do too.
    var options =
        ClientOptions.server(address)
            .withRetries(0, Duration.ofMillis(50), Duration.ofMillis(50))
            .withDeadline(Duration.ofSeconds(10))
            .withIdleTimeout(Duration.ofSeconds(20))
            .withParallelTransfers(PARALLEL_TRANSFERS);
    return new Parent(options, clock);
  }

  /** {@code HOST:PORT}. */
  String address() {
    return options.address();
  }

  /** Whether it answered when it was last asked, or was not asked yet. */
  boolean isThere() {
    return away.isEmpty();
  }

  /**
   * Fails while the parent is away, before a client sends what could not be handed on.
   *
   * @throws UnavailableException names the parent and why
   */
  void requireForPush() throws IOException {
    if (away.isEmpty()) {
      return;
    }
    try {
      put(LayercacheClient::statistics);
    } catch (UnavailableException e) {
      throw new UnavailableException(
          "pushes go through to the parent: " + e.getMessage(), e.retryAfter().orElse(PAUSE));
    }
  }

  /** What is asked of the parent. */
  interface Question<T> {
    T ask(LayercacheClient client) throws IOException;
  }

  /**
   * Asks for something that there may not be.
   *
   * @return empty when the parent says that there is no such thing
   * @throws UnavailableException if it cannot be reached or cannot say now
   */
  <T> Optional<T> find(Question<T> question) throws IOException {
    try {
      return Optional.of(put(question));
    } catch (LayercacheException e) {
      if (e.kind() == LayercacheException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Asks for something to be done.
   *
   * @throws UnavailableException if the parent cannot be reached or cannot do it now
   * @throws OutOfSpaceException if it has no room
   * @throws LayercacheException if it refuses
   */
  <T> T put(Question<T> question) throws IOException {
    boolean trying = requireThere();
    try {
      T answer = question.ask(client());
      away = Optional.empty();
      return answer;
    } catch (LayercacheException e) {
      throw failure(e);
    } finally {
      if (trying) {
        trial.set(false);
      }
    }
  }

  /**
   * Fails at once while the parent is away.
   *
   * @return whether the caller is the one that finds out
   */
  private boolean requireThere() throws UnavailableException {
    var known = away;
    if (known.isEmpty()) {
      return false;
    }
    var left = Duration.between(clock.instant(), known.get().until());
    if (left.isPositive() || !trial.compareAndSet(false, true)) {
      throw new UnavailableException(
          "the parent %s is away: %s".formatted(address(), known.get().reason()),
          left.isPositive() ? left : PAUSE);
    }
    return true;
  }

  private LayercacheClient client() throws LayercacheException, UnavailableException {
    var known = connected;
    if (known.isPresent()) {
      return known.get();
    }
    connecting.lock();
    try {
      if (closed) {
        throw new UnavailableException("the agent is stopping");
      }
      if (connected.isEmpty()) {
        connected = Optional.of(LayercacheClient.connect(options));
      }
      return connected.get();
    } finally {
      connecting.unlock();
    }
  }

  /** What a failure means here; notes when the parent cannot be reached. */
  private IOException failure(LayercacheException e) {
    return switch (e.kind()) {
      case UNAVAILABLE, TIMEOUT, CANCELLED -> {
        if (isUnreachable(e)) {
          away = Optional.of(new Away(clock.instant().plus(PAUSE), String.valueOf(e.getMessage())));
        }
        yield new UnavailableException(String.valueOf(e.getMessage()), e);
      }
      case OUT_OF_SPACE -> new OutOfSpaceException(String.valueOf(e.getMessage()), e);
      default -> e;
    };
  }

  /** A parent that answers that something behind it is away is there itself: it answers this. */
  private boolean isUnreachable(LayercacheException failure) {
    if (failure.kind() != LayercacheException.Kind.UNAVAILABLE || connected.isEmpty()) {
      return failure.kind() != LayercacheException.Kind.CANCELLED;
    }
    try {
      connected.get().statistics();
      return false;
    } catch (LayercacheException e) {
      return true;
    }
  }

  @Override
  public void close() {
    connecting.lock();
    try {
      closed = true;
      connected.ifPresent(LayercacheClient::close);
    } finally {
      connecting.unlock();
    }
  }
}

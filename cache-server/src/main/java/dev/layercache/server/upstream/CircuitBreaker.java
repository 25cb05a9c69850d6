package dev.layercache.server.upstream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether an upstream is worth asking. It opens when the upstream cannot be reached, or failed
 * several times in a row; then nobody asks until a while is over. After that one asks, for all, and
 * the answer closes it or keeps it open for longer. Thread-safe.
 */
public final class CircuitBreaker {
  /** Failures in a row that open it. */
  static final int FAILURES = 3;

  /** How long it stays open first; twice as long after each trial that failed. */
  static final Duration SHORTEST = Duration.ofSeconds(1);

  static final Duration LONGEST = Duration.ofSeconds(30);

  /** What it does with requests. */
  public enum State {
    /** Lets them through. */
    CLOSED,
    /** Refuses them. */
    OPEN,
    /** Refuses them while one request finds out. */
    HALF_OPEN
  }

  private final Clock clock;
  private State state = State.CLOSED;
  private int failures;
  private Duration pause = SHORTEST;
  private Instant until = Instant.MIN;
  private String reason = "";

  CircuitBreaker(Clock clock) {
    this.clock = clock;
  }

  synchronized State state() {
    return state;
  }

  /** Why it is open. */
  synchronized String reason() {
    return reason;
  }

  /** How long it stays open at least; zero when it is not. */
  synchronized Duration remaining() {
    var left = Duration.between(clock.instant(), until);
    return state == State.CLOSED || left.isNegative() ? Duration.ZERO : left;
  }

  /**
   * Whether the caller must find out how the upstream is, and then call {@link #succeeded} or
   * {@link #unreachable}. Nobody else is told so meanwhile.
   */
  synchronized boolean beginTrial() {
    if (state != State.OPEN || clock.instant().isBefore(until)) {
      return false;
    }
    state = State.HALF_OPEN;
    return true;
  }

  /** The upstream answered. */
  synchronized void succeeded() {
    state = State.CLOSED;
    failures = 0;
    pause = SHORTEST;
    reason = "";
  }

  /** The upstream answered, but with a failure of its own, or too late. */
  synchronized void failed(String why) {
    if (state == State.CLOSED && ++failures >= FAILURES) {
      open(why);
    }
  }

  /** The upstream cannot be reached at all, or a trial failed. */
  synchronized void unreachable(String why) {
    if (state != State.OPEN) {
      open(why);
    }
  }

  private void open(String why) {
    if (state == State.HALF_OPEN) {
      var longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
    }
    state = State.OPEN;
    failures = 0;
    reason = why;
    until = clock.instant().plus(pause);
  }
}

package dev.layercache.server.upstream.wire;

import java.time.Duration;

/**
 * How long an upstream is waited for.
 *
 * @param connect until a connection stands, names resolved and TLS agreed
 * @param answer from the request to the head of the answer
 * @param idle between two bytes of a body
 */
public record Timeouts(Duration connect, Duration answer, Duration idle) {
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(3);

  /** Those of an upstream whose answers may take so long. */
  public static Timeouts of(Duration answer) {
    var connect = answer.compareTo(LONGEST_CONNECT) < 0 ? answer : LONGEST_CONNECT;
    return new Timeouts(connect, answer, answer.multipliedBy(2));
  }
}

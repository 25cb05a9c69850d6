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
  /** Short enough that a client which waits for it does not give up first. */
  public static final Timeouts DEFAULT =
      new Timeouts(Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofSeconds(20));

  /** The same with another time for the answer. */
  public Timeouts withAnswer(Duration other) {
    return new Timeouts(connect, other, idle);
  }
}

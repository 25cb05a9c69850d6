package dev.layercache.load.measure;

import java.time.Duration;

/**
 * What the clients of one measured load saw.
 *
 * @param operations that ended well; a load in which one fails is not reported at all
 * @param payloadBytes blob bytes moved
 * @param socketBytes on the clients' sockets, both ways; 0 when not counted
 * @param elapsed from the first request to the last response
 * @param latencies of the operations
 */
public record Load(
    long operations, long payloadBytes, long socketBytes, Duration elapsed, Latencies latencies) {

  /** The same with bytes that were counted elsewhere. */
  public Load withSocketBytes(long bytes) {
    return new Load(operations, payloadBytes, bytes, elapsed, latencies);
  }

  /** In seconds, never 0. */
  public double seconds() {
    return Math.max(elapsed.toNanos(), 1) / 1e9;
  }
}

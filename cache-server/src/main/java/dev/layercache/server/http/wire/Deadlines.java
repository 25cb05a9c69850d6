package dev.layercache.server.http.wire;

import io.netty.channel.Channel;
import java.time.Duration;

/**
 * The deadlines of one connection, counted in ticks of {@link HttpServer#TICK}: nothing is
 * scheduled per request. Each question counts the tick in which it is asked, so only time spent in
 * that state counts. On the event loop.
 */
final class Deadlines {
  private final HttpLimits limits;
  private int stateTicks;
  private int silentTicks;
  private int bodyTicks;
  private long bodyBytes;
  private long sendProgress;

  Deadlines(HttpLimits limits) {
    this.limits = limits;
  }

  /** Some bytes came. */
  void received() {
    silentTicks = 0;
  }

  void receivedBody(int bytes) {
    bodyBytes += bytes;
  }

  void requestEnded() {
    stateTicks = 0;
    silentTicks = 0;
    bodyTicks = 0;
    bodyBytes = 0;
  }

  void linger() {
    stateTicks = 0;
  }

  boolean lingered() {
    return ++stateTicks > ticks(limits.linger());
  }

  boolean headerLate() {
    return ++stateTicks > ticks(limits.headerDeadline());
  }

  boolean idle() {
    return ++silentTicks > ticks(limits.keepAlive());
  }

  /** The handler waits for the client: is it silent for too long, or too slow on the whole? */
  boolean bodyLate() {
    bodyTicks++;
    silentTicks++;
    long counted = bodyTicks - ticks(limits.bodyGrace());
    long wanted = counted * limits.minBodyRate() * HttpServer.TICK.toMillis() / 1000;
    return silentTicks > ticks(limits.bodyIdle()) || (counted > 0 && bodyBytes < wanted);
  }

  /** Bytes are to be sent, and the client took none of them for too long. */
  boolean sendStuck(Channel channel) {
    var outbound = channel.unsafe().outboundBuffer();
    if (outbound == null || outbound.isEmpty()) {
      stateTicks = 0;
      return false;
    }
    long progress =
        31 * (31 * outbound.totalPendingWriteBytes() + outbound.currentProgress())
            + System.identityHashCode(outbound.current());
    if (progress != sendProgress) {
      sendProgress = progress;
      stateTicks = 0;
    }
    return ++stateTicks > ticks(limits.sendIdle());
  }

  private static long ticks(Duration duration) {
    return duration.toMillis() / HttpServer.TICK.toMillis();
  }
}

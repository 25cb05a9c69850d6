package dev.layercache.server.prefetch;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** So many requests in an hour, evenly on the whole; unused ones are saved up for an hour. */
final class RequestBudget {
  private static final double HOUR_MILLIS = Duration.ofHours(1).toMillis();

  private final int perHour;
  private final Clock clock;
  private double saved;
  private Instant last;

  /**
   * @param perHour at least 1
   */
  RequestBudget(int perHour, Clock clock) {
    this.perHour = perHour;
    this.clock = clock;
    this.saved = perHour;
    this.last = clock.instant();
  }

  /** Takes one request, now or, if that is not zero, once so much time has passed. */
  synchronized Duration take() {
    var now = clock.instant();
    double earned = Duration.between(last, now).toMillis() * perHour / HOUR_MILLIS;
    saved = Math.min(perHour, saved + earned);
    last = now;
    if (saved >= 1) {
      saved -= 1;
      return Duration.ZERO;
    }
    return Duration.ofMillis((long) Math.ceil((1 - saved) * HOUR_MILLIS / perHour));
  }
}

package dev.layercache.server.upstream;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What an upstream says about how much it may be asked: {@code 429} with {@code Retry-After} (RFC
 * 9110, 10.2.3), and Docker Hub's {@code ratelimit-limit} and {@code ratelimit-remaining}.
 * Thread-safe.
 */
final class RateLimit {
  /** Where {@code Retry-After} is absent. */
  static final Duration DEFAULT_PAUSE = Duration.ofSeconds(10);

  static final Duration LONGEST_PAUSE = Duration.ofHours(1);
  private static final Pattern LEADING_NUMBER = Pattern.compile("\\s*([0-9]{1,15})\\s*(?:;.*)?");

  private final Clock clock;
  private Instant until = Instant.MIN;
  private OptionalLong limit = OptionalLong.empty();
  private OptionalLong remaining = OptionalLong.empty();

  RateLimit(Clock clock) {
    this.clock = clock;
  }

  /** Reads an answer. */
  synchronized void seen(int status, Function<String, Optional<String>> header) {
    header.apply("ratelimit-limit").map(RateLimit::number).ifPresent(n -> limit = n);
    header.apply("ratelimit-remaining").map(RateLimit::number).ifPresent(n -> remaining = n);
    if (status == 429) {
      until = clock.instant().plus(pause(header.apply("Retry-After")));
    }
  }

  /** How long the upstream does not want to be asked; zero when it may be. */
  synchronized Duration pause() {
    var left = Duration.between(clock.instant(), until);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Requests in a period; empty when the upstream does not say. */
  synchronized OptionalLong limit() {
    return limit;
  }

  /** Requests that are left in the period; empty when the upstream does not say. */
  synchronized OptionalLong remaining() {
    return remaining;
  }

  private Duration pause(Optional<String> retryAfter) {
    var wanted = retryAfter.map(this::parse).orElse(DEFAULT_PAUSE);
    return wanted.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wanted;
  }

  private Duration parse(String text) {
    var seconds = number(text);
    if (seconds.isPresent()) {
      return Duration.ofSeconds(Math.min(seconds.getAsLong(), LONGEST_PAUSE.toSeconds()));
    }
    try {
      var format = DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT);
      var left =
          Duration.between(clock.instant(), ZonedDateTime.parse(text.strip(), format).toInstant());
      return left.isNegative() ? Duration.ZERO : left;
    } catch (DateTimeException e) {
      return DEFAULT_PAUSE;
    }
  }

  /** Docker Hub writes {@code 100;w=21600}. */
  private static OptionalLong number(String text) {
    var match = LEADING_NUMBER.matcher(text);
    return match.matches() ? OptionalLong.of(Long.parseLong(match.group(1))) : OptionalLong.empty();
  }
}

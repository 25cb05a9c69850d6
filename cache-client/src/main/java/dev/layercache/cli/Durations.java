package dev.layercache.cli;

import java.time.Duration;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 45s}, {@code 30m}, {@code 12h}, {@code 90d}. */
final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smhdw])");

  private Durations() {}

  static Duration parse(String text) {
    var matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a duration (expected: a whole number with s, m, h, d or w, such as 12h)"
              .formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofDays(7 * number);
    };
  }
}

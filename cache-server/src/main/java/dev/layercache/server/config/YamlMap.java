package dev.layercache.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads maps of a configuration file whose keys are not settings of their own. What is wrong is an
 * {@link IllegalArgumentException} that names the key.
 */
final class YamlMap {
  private YamlMap() {}

  static void requireKeys(String at, JsonNode node, Set<String> known) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          "%s: not a map (expected: some of %s)".formatted(at, String.join(", ", known)));
    }
    for (var entry : node.properties()) {
      if (!known.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "unknown key '%s.%s' (expected one of: %s)"
                .formatted(at, entry.getKey(), String.join(", ", known)));
      }
    }
  }

  static Optional<String> text(String at, JsonNode node, String key) {
    if (!node.has(key)) {
      return Optional.empty();
    }
    var value = node.get(key);
    if (!value.isValueNode() || value.isNull() || value.asText().isBlank()) {
      throw new IllegalArgumentException("key '%s.%s' has no single value".formatted(at, key));
    }
    return Optional.of(value.asText().strip());
  }

  static List<String> texts(String at, JsonNode node, String key) {
    var list = new ArrayList<String>();
    if (node.has(key)) {
      if (!node.get(key).isArray() || node.get(key).isEmpty()) {
        throw new IllegalArgumentException(
            "key '%s.%s' has no list (expected: patterns such as library/*)".formatted(at, key));
      }
      node.get(key).forEach(item -> list.add(item.asText()));
    }
    return list;
  }

  /** {@code 30s}, {@code 10m}, {@code 12h}, {@code 7d}. */
  static Duration duration(String text) {
    try {
      long count = Long.parseLong(text, 0, text.length() - 1, 10);
      var duration =
          switch (text.charAt(text.length() - 1)) {
            case 's' -> Duration.ofSeconds(count);
            case 'm' -> Duration.ofMinutes(count);
            case 'h' -> Duration.ofHours(count);
            case 'd' -> Duration.ofDays(count);
            default -> Duration.ofSeconds(-1);
          };
      if (!duration.isNegative() && duration.toDays() <= 365) {
        return duration;
      }
    } catch (NumberFormatException | ArithmeticException | IndexOutOfBoundsException e) {
      // Falls through to the one message.
    }
    throw new IllegalArgumentException(
        "'%s' is not a duration (expected: a number and s, m, h or d, such as 10m)"
            .formatted(text));
  }
}

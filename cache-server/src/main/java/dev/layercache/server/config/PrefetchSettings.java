package dev.layercache.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** Reads the {@code prefetch:} of a configuration file. */
final class PrefetchSettings {
  private static final String AT = "prefetch";
  private static final Set<String> KEYS =
      new TreeSet<>(Set.of("images", "platforms", "pin", "interval", "requestsPerHour"));
  private static final int MAX_IMAGES = 1_000;
  private static final int MAX_REQUESTS = 1_000_000;
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private PrefetchSettings() {}

  static PrefetchConfig read(Path file, JsonNode node) throws ConfigException {
    try {
      YamlMap.requireKeys(AT, node, KEYS);
      var usual = PrefetchConfig.NONE;
      var images = YamlMap.texts(AT, node, "images").stream().map(ImageReference::parse).toList();
      if (images.size() > MAX_IMAGES) {
        throw new IllegalArgumentException(
            "prefetch.images: %d (expected: at most %d)".formatted(images.size(), MAX_IMAGES));
      }
      return new PrefetchConfig(
          images,
          YamlMap.texts(AT, node, "platforms").stream().map(Platform::parse).toList(),
          YamlMap.text(AT, node, "pin").map(YamlMap::duration),
          YamlMap.text(AT, node, "interval")
              .map(PrefetchSettings::interval)
              .orElse(usual.interval()),
          YamlMap.text(AT, node, "requestsPerHour")
              .map(PrefetchSettings::requests)
              .orElse(usual.requestsPerHour()));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("config file %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Duration interval(String text) {
    var interval = YamlMap.duration(text);
    if (interval.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException(
          "prefetch.interval: '%s' (expected: at least 1s)".formatted(text));
    }
    return interval;
  }

  private static int requests(String text) {
    try {
      int count = Integer.parseInt(text);
      if (count >= 1 && count <= MAX_REQUESTS) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw new IllegalArgumentException(
        "prefetch.requestsPerHour: '%s' (expected: 1 to %d)".formatted(text, MAX_REQUESTS));
  }
}

package dev.layercache.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.layercache.server.config.UpstreamConfig.Login;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads the {@code upstreams:} of a configuration file: a map of registries by host. */
final class UpstreamSettings {
  private static final Set<String> KEYS =
      new TreeSet<>(
          Set.of(
              "url",
              "allowPrivate",
              "credentials",
              "caFile",
              "repositories",
              "tagTimeToLive",
              "maxConnections"));
  private static final Set<String> CREDENTIAL_KEYS =
      new TreeSet<>(Set.of("username", "passwordFile", "passwordEnv", "dockerConfig"));
  private static final int MAX_UPSTREAMS = 100;
  private static final int MAX_CONNECTIONS = 1_000;

  private UpstreamSettings() {}

  static List<UpstreamConfig> read(Path file, JsonNode node) throws ConfigException {
    try {
      if (!node.isObject() || node.size() > MAX_UPSTREAMS) {
        throw new IllegalArgumentException(
            "upstreams: not a map (expected: up to %d of HOST: {...})".formatted(MAX_UPSTREAMS));
      }
      var upstreams = new ArrayList<UpstreamConfig>();
      for (var entry : node.properties()) {
        upstreams.add(upstream(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()));
      }
      return upstreams;
    } catch (IllegalArgumentException e) {
      throw new ConfigException("config file %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static UpstreamConfig upstream(String host, JsonNode node) {
    String at = "upstreams." + host;
    var usual = UpstreamConfig.of(host);
    if (node.isNull()) {
      return usual;
    }
    requireKeys(at, node, KEYS);
    return new UpstreamConfig(
        host,
        text(at, node, "url").map(UpstreamSettings::url).orElse(usual.url()),
        text(at, node, "allowPrivate").map(UpstreamSettings::yesOrNo).orElse(usual.allowPrivate()),
        node.has("credentials")
            ? login(at + ".credentials", node.get("credentials"))
            : usual.login(),
        text(at, node, "caFile").map(Path::of),
        texts(at, node, "repositories"),
        text(at, node, "tagTimeToLive")
            .map(UpstreamSettings::duration)
            .orElse(usual.tagTimeToLive()),
        text(at, node, "maxConnections")
            .map(UpstreamSettings::connections)
            .orElse(usual.connections()));
  }

  private static Login login(String at, JsonNode node) {
    requireKeys(at, node, CREDENTIAL_KEYS);
    var docker = text(at, node, "dockerConfig");
    var username = text(at, node, "username");
    var file = text(at, node, "passwordFile");
    var variable = text(at, node, "passwordEnv");
    if (docker.isPresent() && node.size() == 1) {
      return new Login.DockerConfig(Path.of(docker.get()));
    }
    if (username.isPresent() && node.size() == 2 && file.isPresent()) {
      return new Login.PasswordFile(username.get(), Path.of(file.get()));
    }
    if (username.isPresent() && node.size() == 2 && variable.isPresent()) {
      return new Login.PasswordVariable(username.get(), variable.get());
    }
    throw new IllegalArgumentException(
        "%s: expected username with passwordFile or passwordEnv, or dockerConfig alone"
            .formatted(at));
  }

  private static void requireKeys(String at, JsonNode node, Set<String> known) {
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

  private static Optional<String> text(String at, JsonNode node, String key) {
    if (!node.has(key)) {
      return Optional.empty();
    }
    var value = node.get(key);
    if (!value.isValueNode() || value.isNull() || value.asText().isBlank()) {
      throw new IllegalArgumentException("key '%s.%s' has no single value".formatted(at, key));
    }
    return Optional.of(value.asText().strip());
  }

  private static List<String> texts(String at, JsonNode node, String key) {
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

  /**
   * @throws IllegalArgumentException if it is not a URL that a registry can have
   */
  static URI url(String text) {
    URI url = URI.create(text);
    boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
    if (!web || url.getHost() == null || url.getUserInfo() != null || url.getQuery() != null) {
      throw new IllegalArgumentException(
          "'%s' is not a URL (expected: http:// or https://, a host, no user, no query)"
              .formatted(text));
    }
    return url;
  }

  private static boolean yesOrNo(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "allowPrivate: '%s' (expected: true or false)".formatted(text));
    };
  }

  private static int connections(String text) {
    try {
      int count = Integer.parseInt(text);
      if (count >= 1 && count <= MAX_CONNECTIONS) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw new IllegalArgumentException(
        "maxConnections: '%s' (expected: 1 to %d)".formatted(text, MAX_CONNECTIONS));
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

package dev.layercache.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.layercache.server.config.UpstreamConfig.Login;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
              "maxConnections",
              "timeout"));
  private static final Set<String> CREDENTIAL_KEYS =
      new TreeSet<>(Set.of("username", "passwordFile", "passwordEnv", "dockerConfig"));
  private static final int MAX_UPSTREAMS = 100;
  private static final int MAX_CONNECTIONS = 1_000;
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);

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
    YamlMap.requireKeys(at, node, KEYS);
    return new UpstreamConfig(
        host,
        YamlMap.text(at, node, "url").map(UpstreamSettings::url).orElse(usual.url()),
        YamlMap.text(at, node, "allowPrivate")
            .map(UpstreamSettings::yesOrNo)
            .orElse(usual.allowPrivate()),
        node.has("credentials")
            ? login(at + ".credentials", node.get("credentials"))
            : usual.login(),
        YamlMap.text(at, node, "caFile").map(Path::of),
        YamlMap.texts(at, node, "repositories"),
        YamlMap.text(at, node, "tagTimeToLive")
            .map(YamlMap::duration)
            .orElse(usual.tagTimeToLive()),
        YamlMap.text(at, node, "maxConnections")
            .map(UpstreamSettings::connections)
            .orElse(usual.connections()),
        YamlMap.text(at, node, "timeout").map(UpstreamSettings::timeout).orElse(usual.timeout()));
  }

  private static Login login(String at, JsonNode node) {
    YamlMap.requireKeys(at, node, CREDENTIAL_KEYS);
    var docker = YamlMap.text(at, node, "dockerConfig");
    var username = YamlMap.text(at, node, "username");
    var file = YamlMap.text(at, node, "passwordFile");
    var variable = YamlMap.text(at, node, "passwordEnv");
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

  private static Duration timeout(String text) {
    var timeout = YamlMap.duration(text);
    if (timeout.isZero() || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException("timeout: '%s' (expected: 1s to 5m)".formatted(text));
    }
    return timeout;
  }
}

package dev.layercache.server.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a YAML file into one value for each key, and the registries that it names. */
final class YamlSettings {
  /** Far more than every key set takes; keeps a wrong file from filling the heap. */
  private static final int MAX_FILE_BYTES = 1 << 20;

  private static final String UPSTREAMS = "upstreams";
  private static final String PREFETCH = "prefetch";

  private final Map<ConfigKey, String> values = new EnumMap<>(ConfigKey.class);
  private List<UpstreamConfig> upstreams = List.of();
  private Optional<PrefetchConfig> prefetch = Optional.empty();

  private YamlSettings() {}

  static YamlSettings read(Path file) throws IOException, ConfigException {
    var settings = new YamlSettings();
    var tree = tree(file);
    if (tree instanceof ObjectNode top && (top.has(UPSTREAMS) || top.has(PREFETCH))) {
      if (top.has(UPSTREAMS)) {
        settings.upstreams = UpstreamSettings.read(file, top.remove(UPSTREAMS));
      }
      if (top.has(PREFETCH)) {
        settings.prefetch = Optional.of(PrefetchSettings.read(file, top.remove(PREFETCH)));
      }
      if (top.isEmpty()) {
        return settings;
      }
    }
    settings.flatten(file, "", tree);
    return settings;
  }

  Map<ConfigKey, String> values() {
    return values;
  }

  List<UpstreamConfig> upstreams() {
    return upstreams;
  }

  Optional<PrefetchConfig> prefetch() {
    return prefetch;
  }

  private static JsonNode tree(Path file) throws IOException {
    byte[] content;
    try (var in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_FILE_BYTES + 1);
    }
    if (content.length > MAX_FILE_BYTES) {
      throw new IOException("it has more than %d bytes".formatted(MAX_FILE_BYTES));
    }
    try {
      return new ObjectMapper(new YAMLFactory())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .readTree(content);
    } catch (JsonProcessingException e) {
      throw new IOException("it is not YAML: " + e.getOriginalMessage(), e);
    }
  }

  private void flatten(Path file, String prefix, JsonNode node) throws ConfigException {
    if (node.isObject() && (prefix.isEmpty() || !node.isEmpty())) {
      for (var entry : node.properties()) {
        flatten(
            file,
            prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey(),
            entry.getValue());
      }
    } else if (!prefix.isEmpty()) {
      var key =
          ConfigKey.byPath(prefix)
              .orElseThrow(
                  () ->
                      new ConfigException(
                          "config file %s: unknown key '%s' (expected one of: %s)"
                              .formatted(
                                  file,
                                  prefix,
                                  ConfigKey.known() + ", " + UPSTREAMS + ", " + PREFETCH)));
      if (key.isList() && node.isArray()) {
        values.put(key, node.toString());
        return;
      }
      if (!node.isValueNode() || node.isNull()) {
        throw new ConfigException(
            "config file %s: key '%s' has no single value".formatted(file, prefix));
      }
      values.put(key, node.asText());
    } else if (!node.isMissingNode() && !node.isNull()) {
      throw new ConfigException(
          "config file %s: no keys in it (expected: KEY: VALUE)".formatted(file));
    }
  }
}

package dev.layercache.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.layercache.server.retention.Durations;
import dev.layercache.server.retention.RepositoryRule;
import dev.layercache.server.retention.RepositoryRule.Keep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads the rules of the key {@code retention}. */
final class RetentionSettings {
  private static final int MAX_RULES = 1_000;
  private static final Set<String> KEYS =
      new TreeSet<>(
          List.of("repositories", "keep", "keepLast", "maxAge", "maxIdle", "immutableTags"));

  private RetentionSettings() {}

  /**
   * @param text a YAML or JSON list of rules
   * @throws IllegalArgumentException if it is not one
   */
  static List<RepositoryRule> parse(String text) {
    JsonNode list;
    try {
      list = new ObjectMapper(new YAMLFactory()).readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not YAML: " + e.getOriginalMessage(), e);
    }
    if (!list.isArray() || list.size() > MAX_RULES) {
      throw new IllegalArgumentException(
          "expected: a list of at most %d rules, each with 'repositories'".formatted(MAX_RULES));
    }
    var rules = new ArrayList<RepositoryRule>();
    for (var rule : list) {
      rules.add(rule(rule, "rule " + (rules.size() + 1)));
    }
    return rules;
  }

  private static RepositoryRule rule(JsonNode rule, String name) {
    for (var field : rule.properties()) {
      if (!KEYS.contains(field.getKey())) {
        throw new IllegalArgumentException(
            "%s: unknown key '%s' (expected one of: %s)"
                .formatted(name, field.getKey(), String.join(", ", KEYS)));
      }
    }
    var repositories =
        text(rule, "repositories")
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s: no 'repositories' (expected: a pattern such as cache/**)"
                            .formatted(name)));
    try {
      return new RepositoryRule(
          repositories,
          text(rule, "keep").map(RetentionSettings::keep).orElse(Keep.WHILE_TAGGED),
          text(rule, "keepLast").map(RetentionSettings::count).orElse(OptionalInt.empty()),
          text(rule, "maxAge").map(Durations::parse),
          text(rule, "maxIdle").map(Durations::parse),
          text(rule, "immutableTags"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static Keep keep(String text) {
    return Arrays.stream(Keep.values())
        .filter(keep -> keep.configName().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "keep: '%s' (expected one of: %s)"
                        .formatted(
                            text,
                            Arrays.stream(Keep.values())
                                .map(Keep::configName)
                                .collect(Collectors.joining(", ")))));
  }

  private static OptionalInt count(String text) {
    try {
      int count = Integer.parseInt(text);
      if (count >= 1) {
        return OptionalInt.of(count);
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw new IllegalArgumentException(
        "keepLast: '%s' (expected: a whole number, at least 1)".formatted(text));
  }

  private static Optional<String> text(JsonNode rule, String field) {
    return Optional.ofNullable(rule.get(field))
        .filter(JsonNode::isValueNode)
        .map(JsonNode::asText)
        .filter(text -> !text.isBlank());
  }
}

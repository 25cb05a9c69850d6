package dev.layercache.server.config;

import dev.layercache.server.retention.Durations;
import dev.layercache.server.retention.RetentionOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Builds a {@link ServerConfig}. The command line wins over the environment, the environment over
 * the file, the file over the defaults. Not thread-safe.
 */
public final class ConfigLoader {
  private static final long MAX_SECONDS = 86_400;

  /** Below this, write buffers would be flushed all the time. */
  private static final long MIN_DATABASE_MEMORY = 16L << 20;

  private static final long MIN_HEADER_BYTES = 1 << 10;
  private static final long MAX_HEADER_BYTES = 1 << 20;

  private final Map<ConfigKey, Setting> settings = new EnumMap<>(ConfigKey.class);

  /** A value and where it came from. */
  private record Setting(String value, String origin) {}

  private final Map<String, UpstreamConfig> upstreams = new LinkedHashMap<>();
  private PrefetchConfig prefetch = PrefetchConfig.NONE;

  /**
   * Takes the values of a YAML file.
   *
   * @throws ConfigException if the file cannot be read, is not YAML, or has a key that is not known
   */
  public ConfigLoader file(Path file) throws ConfigException {
    try {
      var read = YamlSettings.read(file);
      read.values().forEach((key, value) -> settings.put(key, new Setting(value, "file " + file)));
      read.upstreams().forEach(upstream -> upstreams.put(upstream.host(), upstream));
      read.prefetch().ifPresent(images -> prefetch = images);
    } catch (NoSuchFileException e) {
      throw new ConfigException("config file %s: there is no such file".formatted(file), e);
    } catch (IOException e) {
      throw new ConfigException("config file %s: %s".formatted(file, e.getMessage()), e);
    }
    return this;
  }

  /** Takes the variables of {@link ConfigKey#variable} that are set; others are not looked at. */
  public ConfigLoader environment(Map<String, String> variables) {
    for (var key : ConfigKey.values()) {
      Optional.ofNullable(variables.get(key.variable()))
          .ifPresent(
              value -> settings.put(key, new Setting(value, "environment " + key.variable())));
    }
    return this;
  }

  /** Takes one value of the command line; {@code flag} is how the user wrote it. */
  public ConfigLoader flag(ConfigKey key, String flag, String value) {
    settings.put(key, new Setting(value, flag));
    return this;
  }

  /**
   * Takes a registry of the command line, {@code HOST=URL}. What the file says of the same host
   * stays, but its place.
   *
   * @throws ConfigException if it is not of that form
   */
  public ConfigLoader upstream(String flag, String value) throws ConfigException {
    int equals = value.indexOf('=');
    try {
      if (equals <= 0) {
        throw new IllegalArgumentException("there is no HOST before an =");
      }
      String host = value.substring(0, equals).toLowerCase(Locale.ROOT);
      URI url = UpstreamSettings.url(value.substring(equals + 1));
      var known = Optional.ofNullable(upstreams.get(host));
      upstreams.put(host, known.orElseGet(() -> UpstreamConfig.of(host)).at(url));
      return this;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "%s %s: %s (expected: HOST=URL, such as docker.io=https://registry-1.docker.io)"
              .formatted(flag, value, e.getMessage()),
          e);
    }
  }

  /**
   * @throws ConfigException if a value is not of the form that its key expects
   */
  public ServerConfig load() throws ConfigException {
    var defaults = ServerConfig.DEFAULTS;
    return new ServerConfig(
        value(ConfigKey.DATA, ConfigLoader::directory, defaults.data()),
        new ServerConfig.Grpc(
            value(ConfigKey.GRPC_LISTEN, HostPort::parse, defaults.grpc().listen())),
        http(defaults.http()),
        storage(defaults.storage()),
        limits(defaults.limits()),
        List.copyOf(upstreams.values()),
        new ServerConfig.Integrity(
            value(
                ConfigKey.INTEGRITY_SCRUB_RATE, DataSize::parse, defaults.integrity().scrubRate())),
        resources(defaults.resources()),
        prefetch);
  }

  private ServerConfig.Storage storage(ServerConfig.Storage defaults) throws ConfigException {
    var retention = defaults.retention();
    return new ServerConfig.Storage(
        value(ConfigKey.STORAGE_MAX_BLOB_SIZE, DataSize::parse, defaults.maxBlobSize()),
        value(ConfigKey.STORAGE_BUDGET, DiskShare::parse, defaults.budget()),
        value(ConfigKey.STORAGE_RESERVE, DataSize::parse, defaults.reserve()),
        new RetentionOptions(
            value(ConfigKey.RETENTION, RetentionSettings::parse, retention.rules()),
            value(ConfigKey.STORAGE_GRACE, Durations::parse, retention.grace()),
            value(ConfigKey.STORAGE_PINNED_SHARE, ConfigLoader::percent, retention.pinnedShare()),
            retention.remembered()));
  }

  private ServerConfig.Http http(ServerConfig.Http defaults) throws ConfigException {
    return new ServerConfig.Http(
        value(ConfigKey.HTTP_LISTEN, HostPort::parse, defaults.listen()),
        value(ConfigKey.HTTP_ACCESS_LOG, ConfigLoader::yesOrNo, defaults.accessLog()),
        value(
            ConfigKey.HTTP_MAX_CONNECTIONS,
            text -> (int) number(text, 1, 1_000_000),
            defaults.maxConnections()),
        value(ConfigKey.HTTP_MAX_HEADER_SIZE, ConfigLoader::headerSize, defaults.maxHeaderSize()),
        value(ConfigKey.HTTP_HEADER_SECONDS, text -> seconds(text, 1), defaults.header()),
        value(ConfigKey.HTTP_IDLE_SECONDS, text -> seconds(text, 1), defaults.idle()),
        value(ConfigKey.HTTP_BODY_SECONDS, text -> seconds(text, 1), defaults.body()),
        value(ConfigKey.HTTP_MIN_BODY_RATE, DataSize::parse, defaults.minBodyRate()));
  }

  private ServerConfig.Resources resources(ServerConfig.Resources defaults) throws ConfigException {
    return new ServerConfig.Resources(
        value(
            ConfigKey.RESOURCES_UPLOADS,
            text -> (int) number(text, 1, 1_000_000),
            defaults.uploads()),
        value(
            ConfigKey.RESOURCES_UPLOAD_WRITERS,
            text -> (int) number(text, 1, 10_000),
            defaults.uploadWriters()),
        value(
            ConfigKey.RESOURCES_OPEN_FILES,
            text -> (int) number(text, 0, 10_000_000),
            defaults.openFiles()),
        value(
            ConfigKey.RESOURCES_DATABASE_MEMORY,
            ConfigLoader::databaseMemory,
            defaults.databaseMemory()));
  }

  private static DataSize databaseMemory(String text) {
    var size = DataSize.parse(text);
    if (size.bytes() < MIN_DATABASE_MEMORY) {
      throw new IllegalArgumentException(
          "%s (expected: at least %s)".formatted(size, new DataSize(MIN_DATABASE_MEMORY)));
    }
    return size;
  }

  private ServerConfig.Limits limits(ServerConfig.Limits defaults) throws ConfigException {
    return new ServerConfig.Limits(
        value(
            ConfigKey.LIMITS_MAX_CONNECTIONS,
            text -> (int) number(text, 1, 1_000_000),
            defaults.maxConnections()),
        value(
            ConfigKey.LIMITS_MAX_CALLS_PER_CONNECTION,
            text -> (int) number(text, 1, 1_000_000),
            defaults.maxCallsPerConnection()),
        value(ConfigKey.LIMITS_DRAIN_SECONDS, text -> seconds(text, 0), defaults.drain()),
        value(ConfigKey.LIMITS_STALL_SECONDS, text -> seconds(text, 1), defaults.stall()));
  }

  private <T> T value(ConfigKey key, Function<String, T> parser, T otherwise)
      throws ConfigException {
    var setting = settings.get(key);
    if (setting == null) {
      return otherwise;
    }
    try {
      return parser.apply(setting.value());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "%s (%s): %s".formatted(key.path(), setting.origin(), e.getMessage()), e);
    }
  }

  private static Path directory(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("it is empty (expected: a directory)");
    }
    return Path.of(text);
  }

  private static boolean yesOrNo(String text) {
    return switch (text.strip()) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException("'%s' (expected: true or false)".formatted(text));
    };
  }

  /** A header is held in memory whole. */
  private static DataSize headerSize(String text) {
    var size = DataSize.parse(text);
    if (size.bytes() < MIN_HEADER_BYTES || size.bytes() > MAX_HEADER_BYTES) {
      throw new IllegalArgumentException("'%s' (expected: 1KiB to 1MiB)".formatted(text));
    }
    return size;
  }

  private static double percent(String text) {
    if (!text.strip().endsWith("%")) {
      throw new IllegalArgumentException("'%s' (expected: 0%% to 100%%)".formatted(text));
    }
    return number(text.strip().substring(0, text.strip().length() - 1), 0, 100) / 100.0;
  }

  private static Duration seconds(String text, long least) {
    return Duration.ofSeconds(number(text, least, MAX_SECONDS));
  }

  private static long number(String text, long least, long most) {
    try {
      long value = Long.parseLong(text.strip());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw new IllegalArgumentException(
        "'%s' (expected: a whole number from %d to %d)".formatted(text, least, most));
  }
}

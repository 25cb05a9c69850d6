package dev.layercache.server.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The keys of the configuration, in the order of the documentation. */
public enum ConfigKey {
  /** Directory that holds what is stored. */
  DATA("data"),
  /** Where the gRPC door listens, {@code HOST:PORT}. */
  GRPC_LISTEN("grpc.listen"),
  /** Where the HTTP door listens, {@code HOST:PORT}. */
  HTTP_LISTEN("http.listen"),
  /** Largest blob that is taken in, with a unit. */
  STORAGE_MAX_BLOB_SIZE("storage.maxBlobSize"),
  /** gRPC connections that are served at once. */
  LIMITS_MAX_CONNECTIONS("limits.maxConnections"),
  /** gRPC calls at once on one connection. */
  LIMITS_MAX_CALLS_PER_CONNECTION("limits.maxCallsPerConnection"),
  /** Seconds that calls in progress may go on after the server was told to stop. */
  LIMITS_DRAIN_SECONDS("limits.drainSeconds"),
  /** Seconds that a peer may neither send nor take a byte in the middle of a transfer. */
  LIMITS_STALL_SECONDS("limits.stallSeconds");

  private final String path;

  ConfigKey(String path) {
    this.path = path;
  }

  /** As it stands in a file, a dot for each level: {@code storage.maxBlobSize}. */
  public String path() {
    return path;
  }

  /** The environment variable that overrides it: {@code LAYERCACHE_STORAGE_MAX_BLOB_SIZE}. */
  public String variable() {
    return "LAYERCACHE_"
        + path.replace('.', '_').replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
  }

  static Optional<ConfigKey> byPath(String path) {
    return Arrays.stream(values()).filter(key -> key.path.equals(path)).findFirst();
  }

  static String known() {
    return Arrays.stream(values()).map(ConfigKey::path).collect(Collectors.joining(", "));
  }
}

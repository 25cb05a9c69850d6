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
  /** Whether each HTTP request is logged. */
  HTTP_ACCESS_LOG("http.accessLog"),
  /** HTTP connections that are open at once. */
  HTTP_MAX_CONNECTIONS("http.maxConnections"),
  /** Largest header of an HTTP request, with a unit. */
  HTTP_MAX_HEADER_SIZE("http.maxHeaderSize"),
  /** Seconds for the header of an HTTP request to arrive. */
  HTTP_HEADER_SECONDS("http.headerSeconds"),
  /** Seconds that an HTTP connection may be without a request. */
  HTTP_IDLE_SECONDS("http.idleSeconds"),
  /** Seconds between two bytes of the body of an HTTP request. */
  HTTP_BODY_SECONDS("http.bodySeconds"),
  /** Bytes a second that the body of an HTTP request arrives with, with a unit. */
  HTTP_MIN_BODY_RATE("http.minBodyRate"),
  /** Largest blob that is taken in, with a unit. */
  STORAGE_MAX_BLOB_SIZE("storage.maxBlobSize"),
  /** What everything in the data directory may take on disk: with a unit, or percent. */
  STORAGE_BUDGET("storage.budget"),
  /** What of the volume is left free whatever the budget, with a unit. */
  STORAGE_RESERVE("storage.reserve"),
  /** How long a blob that a client was told to be there is not evicted, with a unit. */
  STORAGE_GRACE("storage.grace"),
  /** What pins and leases may take of the budget, in percent. */
  STORAGE_PINNED_SHARE("storage.pinnedShare"),
  /** What is kept in which repositories: a list of rules. */
  RETENTION("retention"),
  /** Most bytes that the background check reads in a second, with a unit; 0 switches it off. */
  INTEGRITY_SCRUB_RATE("integrity.scrubRate"),
  /** Unfinished uploads, idle ones included. */
  RESOURCES_UPLOADS("resources.uploads"),
  /** Large uploads that are written at once. */
  RESOURCES_UPLOAD_WRITERS("resources.uploadWriters"),
  /** Files that the database keeps open; 0 is three quarters of the process's limit. */
  RESOURCES_OPEN_FILES("resources.openFiles"),
  /** Native memory for the database's block cache and write buffers, with a unit. */
  RESOURCES_DATABASE_MEMORY("resources.databaseMemory"),
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

  /** Whether its value is a list, not a single value. */
  boolean isList() {
    return this == RETENTION;
  }

  static Optional<ConfigKey> byPath(String path) {
    return Arrays.stream(values()).filter(key -> key.path.equals(path)).findFirst();
  }

  static String known() {
    return Arrays.stream(values()).map(ConfigKey::path).collect(Collectors.joining(", "));
  }
}

package dev.layercache.server.config;

import com.sun.management.OperatingSystemMXBean;
import dev.layercache.server.retention.RetentionOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Everything that a server is told. Built by {@link ConfigLoader}, or from {@link #DEFAULTS} in
 * code.
 *
 * @param data directory that holds what is stored; created when absent
 * @param grpc the gRPC door
 * @param http the HTTP door
 * @param storage the store
 * @param limits bounds that both doors keep
 * @param upstreams registries that are mirrored
 * @param integrity the background check
 * @param resources what the store may take of the machine
 * @param prefetch images that are kept stored
 */
public record ServerConfig(
    Path data,
    Grpc grpc,
    Http http,
    Storage storage,
    Limits limits,
    List<UpstreamConfig> upstreams,
    Integrity integrity,
    Resources resources,
    PrefetchConfig prefetch) {

  /** What holds for every key that nobody sets. */
  public static final ServerConfig DEFAULTS =
      new ServerConfig(
          Path.of("data"),
          new Grpc(new HostPort("127.0.0.1", 8980)),
          new Http(
              new HostPort("127.0.0.1", 5000),
              false,
              16_384,
              new DataSize(32 << 10),
              Duration.ofSeconds(15),
              Duration.ofSeconds(90),
              Duration.ofSeconds(60),
              new DataSize(1 << 10)),
          new Storage(DataSize.ofMebibytes(32 << 10)),
          new Limits(256, 256, Duration.ofSeconds(30), Duration.ofSeconds(300)));

  public ServerConfig {
    upstreams = List.copyOf(upstreams);
  }

  /** One that mirrors nothing, with the defaults of what is not named. */
  public ServerConfig(Path data, Grpc grpc, Http http, Storage storage, Limits limits) {
    this(
        data,
        grpc,
        http,
        storage,
        limits,
        List.of(),
        new Integrity(DataSize.ofMebibytes(20)),
        Resources.ofMachine(),
        PrefetchConfig.NONE);
  }

  /** The same with other registries to mirror. */
  public ServerConfig withUpstreams(List<UpstreamConfig> others) {
    return new ServerConfig(
        data, grpc, http, storage, limits, others, integrity, resources, prefetch);
  }

  /** The same with another background check. */
  public ServerConfig withIntegrity(Integrity other) {
    return new ServerConfig(
        data, grpc, http, storage, limits, upstreams, other, resources, prefetch);
  }

  /**
   * @param listen where the gRPC door listens
   */
  public record Grpc(HostPort listen) {}

  /**
   * @param listen where the HTTP door listens
   * @param accessLog whether each request is logged
   * @param maxConnections open at once, at least 1
   * @param maxHeaderSize all header lines of a request together
   * @param header how long the header of a request may take to arrive
   * @param idle how long a connection may be without a request
   * @param body longest wait for the next byte of the body of a request
   * @param minBodyRate what of a body must arrive in a second, on the whole
   */
  public record Http(
      HostPort listen,
      boolean accessLog,
      int maxConnections,
      DataSize maxHeaderSize,
      Duration header,
      Duration idle,
      Duration body,
      DataSize minBodyRate) {

    /** The same at another address. */
    public Http withListen(HostPort address) {
      return new Http(
          address, accessLog, maxConnections, maxHeaderSize, header, idle, body, minBodyRate);
    }
  }

  /**
   * @param maxBlobSize largest blob that is taken in
   * @param budget what everything in the data directory may take on disk
   * @param reserve of the volume that is left free whatever the budget; at most a twentieth of it
   *     is
   * @param retention what is kept when the budget is used up
   */
  public record Storage(
      DataSize maxBlobSize, DiskShare budget, DataSize reserve, RetentionOptions retention) {

    /** The usual budget, and largest blobs of another size. */
    public Storage(DataSize maxBlobSize) {
      this(
          maxBlobSize,
          new DiskShare.Percent(80),
          DataSize.ofMebibytes(64),
          RetentionOptions.DEFAULTS);
    }
  }

  /**
   * @param scrubRate most bytes that the background check reads in a second; 0 switches it off
   */
  public record Integrity(DataSize scrubRate) {}

  /**
   * @param uploads unfinished uploads, idle ones included; further ones are refused
   * @param uploadWriters large uploads that are written at once, at 264 KiB of direct memory each;
   *     others wait for one that is quiet
   * @param openFiles files that the database keeps open; 0 is three quarters of the process's limit
   * @param databaseMemory native memory for its block cache and write buffers
   */
  public record Resources(int uploads, int uploadWriters, int openFiles, DataSize databaseMemory) {
    private static final long LEAST_MEMORY = 64L << 20;
    private static final long MOST_MEMORY = 512L << 20;

    /** What suits this machine, or the share of it that the process may use. */
    static Resources ofMachine() {
      var machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      long memory = Math.clamp(machine.getTotalMemorySize() / 64, LEAST_MEMORY, MOST_MEMORY);
      return new Resources(10_000, 256, 0, new DataSize(memory));
    }
  }

  /**
   * @param maxConnections gRPC connections that are served at once, at least 1; half of the direct
   *     memory is shared out among their receive windows
   * @param maxCallsPerConnection gRPC calls at once on one connection, at least 1
   * @param drain how long calls in progress may go on after the server was told to stop
   * @param stall how long a peer may neither send nor take a byte in the middle of a transfer
   */
  public record Limits(
      int maxConnections, int maxCallsPerConnection, Duration drain, Duration stall) {
    public Limits {
      requireAtLeastOne("limits.maxConnections", maxConnections);
      requireAtLeastOne("limits.maxCallsPerConnection", maxCallsPerConnection);
    }

    private static void requireAtLeastOne(String key, int value) {
      if (value < 1) {
        throw new IllegalArgumentException("%s: %d (expected: at least 1)".formatted(key, value));
      }
    }
  }
}

package dev.layercache.server.config;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {
  @TempDir private Path directory;

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("layercache.yaml"), yaml);
  }

  @Test
  void everyKeyHasADefault() throws ConfigException {
    var config = new ConfigLoader().load();

    assertThat(config.data()).isEqualTo(Path.of("data"));
    assertThat(config.grpc().listen()).isEqualTo(new HostPort("127.0.0.1", 8980));
    assertThat(config.http().listen()).isEqualTo(new HostPort("127.0.0.1", 5000));
    assertThat(config.storage().maxBlobSize()).isEqualTo(DataSize.parse("32GiB"));
    assertThat(config.integrity().scrubRate()).isEqualTo(DataSize.parse("20MiB"));
    assertThat(config.limits().maxConnections()).isEqualTo(256);
    assertThat(config.limits().maxCallsPerConnection()).isEqualTo(256);
    assertThat(config.limits().drain()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.limits().stall()).isEqualTo(Duration.ofSeconds(300));
  }

  @Test
  void everyKeyCanBeSetInAFile() throws Exception {
    var config =
        new ConfigLoader()
            .file(
                file(
                    """
                    data: /var/lib/layercache
                    grpc: {listen: "[::1]:1"}
                    http:
                      listen: "example.org:2"
                      accessLog: true
                      maxConnections: 7
                      maxHeaderSize: 2KiB
                      headerSeconds: 8
                      idleSeconds: 9
                      bodySeconds: 10
                      minBodyRate: 11B
                    storage: {maxBlobSize: 5MiB}
                    integrity: {scrubRate: 0}
                    resources: {uploads: 1, uploadWriters: 2, openFiles: 3, databaseMemory: 16MiB}
                    limits:
                      maxConnections: 3
                      maxCallsPerConnection: 4
                      drainSeconds: 0
                      stallSeconds: 6
                    """))
            .load();

    assertThat(config)
        .isEqualTo(
            new ServerConfig(
                Path.of("/var/lib/layercache"),
                new ServerConfig.Grpc(new HostPort("::1", 1)),
                new ServerConfig.Http(
                    new HostPort("example.org", 2),
                    true,
                    7,
                    new DataSize(2048),
                    Duration.ofSeconds(8),
                    Duration.ofSeconds(9),
                    Duration.ofSeconds(10),
                    new DataSize(11)),
                new ServerConfig.Storage(DataSize.ofMebibytes(5)),
                new ServerConfig.Limits(3, 4, Duration.ZERO, Duration.ofSeconds(6)),
                List.of(),
                new ServerConfig.Integrity(new DataSize(0)),
                new ServerConfig.Resources(1, 2, 3, DataSize.ofMebibytes(16)),
                PrefetchConfig.NONE));
  }

  @Test
  void everyKeyCanBeSetInTheEnvironment() throws ConfigException {
    var config =
        new ConfigLoader()
            .environment(
                Map.ofEntries(
                    entry("LAYERCACHE_DATA", "/d"),
                    entry("LAYERCACHE_GRPC_LISTEN", "h:1"),
                    entry("LAYERCACHE_HTTP_LISTEN", "h:2"),
                    entry("LAYERCACHE_HTTP_ACCESS_LOG", "true"),
                    entry("LAYERCACHE_HTTP_MAX_CONNECTIONS", "7"),
                    entry("LAYERCACHE_HTTP_MAX_HEADER_SIZE", "2048"),
                    entry("LAYERCACHE_HTTP_HEADER_SECONDS", "8"),
                    entry("LAYERCACHE_HTTP_IDLE_SECONDS", "9"),
                    entry("LAYERCACHE_HTTP_BODY_SECONDS", "10"),
                    entry("LAYERCACHE_HTTP_MIN_BODY_RATE", "11"),
                    entry("LAYERCACHE_STORAGE_MAX_BLOB_SIZE", "7"),
                    entry("LAYERCACHE_LIMITS_MAX_CONNECTIONS", "8"),
                    entry("LAYERCACHE_LIMITS_MAX_CALLS_PER_CONNECTION", "9"),
                    entry("LAYERCACHE_LIMITS_DRAIN_SECONDS", "10"),
                    entry("LAYERCACHE_LIMITS_STALL_SECONDS", "11"),
                    entry("LAYERCACHE_INTEGRITY_SCRUB_RATE", "12"),
                    entry("LAYERCACHE_SERVER", "not ours")))
            .load();

    assertThat(config)
        .isEqualTo(
            new ServerConfig(
                    Path.of("/d"),
                    new ServerConfig.Grpc(new HostPort("h", 1)),
                    new ServerConfig.Http(
                        new HostPort("h", 2),
                        true,
                        7,
                        new DataSize(2048),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(9),
                        Duration.ofSeconds(10),
                        new DataSize(11)),
                    new ServerConfig.Storage(new DataSize(7)),
                    new ServerConfig.Limits(8, 9, Duration.ofSeconds(10), Duration.ofSeconds(11)))
                .withIntegrity(new ServerConfig.Integrity(new DataSize(12))));
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws Exception {
    var config =
        new ConfigLoader()
            .file(file("{data: file, grpc: {listen: 'file:1'}, http: {listen: 'file:1'}}"))
            .environment(
                Map.of("LAYERCACHE_GRPC_LISTEN", "env:2", "LAYERCACHE_HTTP_LISTEN", "env:2"))
            .flag(ConfigKey.HTTP_LISTEN, "--http", "flag:3")
            .load();

    assertThat(config.data()).isEqualTo(Path.of("file"));
    assertThat(config.grpc().listen()).isEqualTo(new HostPort("env", 2));
    assertThat(config.http().listen()).isEqualTo(new HostPort("flag", 3));
  }

  @Test
  void anUnknownKeyIsNamedWithTheKnownOnes() throws IOException {
    var file = file("grpc: {listen: 'h:1', tls: {cert: x}}");

    assertThatThrownBy(() -> new ConfigLoader().file(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("unknown key 'grpc.tls.cert'")
        .hasMessageContaining("storage.maxBlobSize")
        .hasMessageContaining(file.toString());
  }

  @Test
  void aKeyWithoutASingleValueIsRefused() throws IOException {
    var list = file("data: [a, b]");
    assertThatThrownBy(() -> new ConfigLoader().file(list))
        .hasMessageContaining("key 'data' has no single value");
    var empty = file("strange: {}");
    assertThatThrownBy(() -> new ConfigLoader().file(empty))
        .hasMessageContaining("unknown key 'strange'");
    var scalar = file("just text");
    assertThatThrownBy(() -> new ConfigLoader().file(scalar)).hasMessageContaining("no keys in it");
  }

  @Test
  void anEmptyFileSetsNothing() throws Exception {
    assertThat(new ConfigLoader().file(file("# nothing\n")).load())
        .isEqualTo(ServerConfig.DEFAULTS);
  }

  @Test
  void whatIsNotYamlIsRefused() throws IOException {
    var broken = file("data: [");
    assertThatThrownBy(() -> new ConfigLoader().file(broken))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("not YAML");
    var twice = file("data: a\ndata: b\n");
    assertThatThrownBy(() -> new ConfigLoader().file(twice))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data");
    assertThatThrownBy(() -> new ConfigLoader().file(directory.resolve("absent.yaml")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("absent.yaml")
        .hasMessageContaining("no such file");
  }

  @Test
  void aMalformedValueIsRefusedWithItsOrigin() {
    assertThatThrownBy(
            () ->
                new ConfigLoader()
                    .environment(Map.of("LAYERCACHE_STORAGE_MAX_BLOB_SIZE", "big"))
                    .load())
        .hasMessageContaining("storage.maxBlobSize")
        .hasMessageContaining("environment LAYERCACHE_STORAGE_MAX_BLOB_SIZE")
        .hasMessageContaining("'big' is not a size");
    assertThatThrownBy(
            () -> new ConfigLoader().flag(ConfigKey.GRPC_LISTEN, "--grpc", "8980").load())
        .hasMessageContaining("--grpc")
        .hasMessageContaining("'8980' is not an address");
    assertThatThrownBy(
            () -> new ConfigLoader().flag(ConfigKey.LIMITS_DRAIN_SECONDS, "x", "-1").load())
        .hasMessageContaining("'-1' (expected: a whole number from 0 to 86400)");
    assertThatThrownBy(
            () -> new ConfigLoader().flag(ConfigKey.LIMITS_MAX_CONNECTIONS, "x", "0").load())
        .hasMessageContaining("limits.maxConnections");
    assertThatThrownBy(() -> new ConfigLoader().flag(ConfigKey.DATA, "--data", " ").load())
        .hasMessageContaining("expected: a directory");
  }
}

package dev.layercache.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.config.UpstreamConfig.Login;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamConfigTest {
  @TempDir Path directory;

  private ServerConfig load(String yaml) throws Exception {
    return new ConfigLoader().file(file(yaml)).load();
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("layercache.yaml"), yaml);
  }

  @Test
  void anUpstreamNeedsNoMoreThanItsName() throws Exception {
    var upstreams = load("upstreams: {docker.io: {}, ghcr.io: }").upstreams();
    assertThat(upstreams)
        .containsExactly(UpstreamConfig.of("docker.io"), UpstreamConfig.of("ghcr.io"));
    assertThat(upstreams.get(0).url()).isEqualTo(URI.create("https://registry-1.docker.io"));
    assertThat(upstreams.get(1).url()).isEqualTo(URI.create("https://ghcr.io"));
    assertThat(upstreams).noneMatch(UpstreamConfig::allowPrivate);
  }

  @Test
  void everythingCanBeSaid() throws Exception {
    var config =
        load(
            """
            data: /somewhere
            upstreams:
              registry.corp:
                url: https://10.0.0.5:5000/
                allowPrivate: true
                credentials: {username: ci, passwordFile: /run/secret}
                caFile: /etc/ca.pem
                repositories: ["team/*", base]
                tagTimeToLive: 10m
                maxConnections: 7
                timeout: 2s
            prefetch:
              images: [registry.corp/base:v1]
              platforms: [linux/arm64]
              pin: 7d
              interval: 30m
              requestsPerHour: 5
            """);
    var upstream = config.upstreams().getFirst();
    assertThat(upstream.url()).isEqualTo(URI.create("https://10.0.0.5:5000/"));
    assertThat(upstream.allowPrivate()).isTrue();
    assertThat(upstream.login()).isEqualTo(new Login.PasswordFile("ci", Path.of("/run/secret")));
    assertThat(upstream.caFile()).contains(Path.of("/etc/ca.pem"));
    assertThat(upstream.repositories()).isEqualTo(List.of("team/*", "base"));
    assertThat(upstream.tagTimeToLive()).isEqualTo(Duration.ofMinutes(10));
    assertThat(upstream.connections()).isEqualTo(7);
    assertThat(upstream.timeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.data()).isEqualTo(Path.of("/somewhere"));
    assertThat(config.prefetch().images()).hasSize(1);
    assertThat(config.prefetch().pin()).contains(Duration.ofDays(7));
    assertThat(config.prefetch().interval()).isEqualTo(Duration.ofMinutes(30));
    assertThat(config.prefetch().requestsPerHour()).isEqualTo(5);
  }

  @Test
  void aPasswordMayBeInTheEnvironmentOrInDockersFile() throws Exception {
    var upstreams =
        load("""
                upstreams:
                  a.example: {credentials: {username: ci, passwordEnv: SECRET}}
                  b.example: {credentials: {dockerConfig: /root/.docker/config.json}}
                """)
            .upstreams();
    assertThat(upstreams)
        .extracting(UpstreamConfig::login)
        .containsExactly(
            new Login.PasswordVariable("ci", "SECRET"),
            new Login.DockerConfig(Path.of("/root/.docker/config.json")));
  }

  @Test
  void theCommandLineNamesAPlaceThatMayBePrivate() throws Exception {
    var upstreams =
        new ConfigLoader()
            .file(file("upstreams: {docker.io: {tagTimeToLive: 1h}}"))
            .upstream("--upstream", "docker.io=http://127.0.0.1:5001")
            .upstream("--upstream", "Reg.example:5000=https://reg.example:5000")
            .load()
            .upstreams();
    assertThat(upstreams.get(0).url()).isEqualTo(URI.create("http://127.0.0.1:5001"));
    assertThat(upstreams.get(0).allowPrivate()).isTrue();
    assertThat(upstreams.get(0).tagTimeToLive()).isEqualTo(Duration.ofHours(1));
    assertThat(upstreams.get(1).host()).isEqualTo("reg.example:5000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstreams: 5 | not a map",
        "upstreams: {a.example: {ulr: x}} | unknown key 'upstreams.a.example.ulr'",
        "upstreams: {a.example: {url: 'ftp://x'}} | is not a URL",
        "upstreams: {a.example: {url: 'https://u:p@x'}} | is not a URL",
        "upstreams: {a.example: {allowPrivate: maybe}} | true or false",
        "upstreams: {a.example: {repositories: x}} | has no list",
        "upstreams: {a.example: {tagTimeToLive: 5}} | is not a duration",
        "upstreams: {a.example: {tagTimeToLive: ''}} | has no single value",
        "upstreams: {a.example: {maxConnections: 0}} | expected: 1 to",
        "upstreams: {a.example: {timeout: 0s}} | expected: 1s to 5m",
        "upstreams: {a.example: {credentials: {username: x}}} | expected username with passwordFile",
        "prefetch: {images: [UPPER]} | repository name",
        "prefetch: {interval: 0s} | at least 1s",
        "prefetch: {requestsPerHour: x} | 1 to"
      })
  void whatIsWrongIsNamed(String yaml, String message) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layercache.yaml")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"docker.io", "=http://x", "docker.io=x", "docker.io=file:///x"})
  void aWrongFlagIsNamed(String flag) {
    assertThatThrownBy(() -> new ConfigLoader().upstream("--upstream", flag))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("expected: HOST=URL");
  }
}

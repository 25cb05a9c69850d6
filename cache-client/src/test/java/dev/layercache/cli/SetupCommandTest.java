package dev.layercache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetupCommandTest {
  @ParameterizedTest
  @CsvSource({
    "docker,     /etc/docker/daemon.json,                              \"insecure-registries\": [\"10.0.0.7:80\"]",
    "containerd, /etc/containerd/certs.d/10.0.0.7:80/hosts.toml,       [host.\"http://10.0.0.7:80\"]",
    "podman,     /etc/containers/registries.conf.d/layercache.conf,    location = \"10.0.0.7:80\"",
    "buildkit,   /etc/buildkit/buildkitd.toml,                         'type=registry,ref=10.0.0.7:80/'"
  })
  void theConfigurationNamesItsFileAndTheServer(String client, String file, String content) {
    var run = CommandRun.of("setup", client, "--http", "10.0.0.7:80").succeeds();

    assertThat(run.out()).contains(file, content).doesNotContain("%", "127.0.0.1");
  }

  @Test
  void theDefaultIsTheServersDefault() {
    assertThat(CommandRun.of("setup", "docker").succeeds().out()).contains("127.0.0.1:5000");
  }

  @Test
  void dockersConfigurationIsJson() throws IOException {
    var steps = CommandRun.of("setup", "docker", "--json").succeeds().json().path("steps");
    var daemon = new ObjectMapper().readTree(steps.get(0).path("content").asText());

    assertThat(daemon.path("registry-mirrors").get(0).asText()).isEqualTo("http://127.0.0.1:5000");
  }
}

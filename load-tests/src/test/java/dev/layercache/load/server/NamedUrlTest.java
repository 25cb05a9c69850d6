package dev.layercache.load.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamedUrlTest {
  @Test
  void aPeerHasANameAndAnAddress() {
    var registry = RemoteRegistry.parse("harbor=http://127.0.0.1");
    assertThat(registry.name()).isEqualTo("harbor");
    assertThat(registry.http().getPort()).isEqualTo(80);
    assertThat(RemoteReapi.parse("other=grpc://127.0.0.1:9092").grpc().getPort()).isEqualTo(9092);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "=grpc://host:1",
        "x",
        "x=host:1",
        "x=http://host:1",
        "x=grpc://host",
        "x=grpc:"
      })
  void whatIsNotOfTheFormIsRefused(String text) {
    assertThatThrownBy(() -> RemoteReapi.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: NAME=grpc://HOST:PORT");
  }
}

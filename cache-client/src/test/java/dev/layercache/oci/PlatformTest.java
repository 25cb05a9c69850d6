package dev.layercache.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {
  @Test
  void partsAreFound() {
    assertThat(Platform.parse("linux/amd64"))
        .isEqualTo(new Platform("linux", "amd64", Optional.empty()))
        .hasToString("linux/amd64");
    assertThat(Platform.parse("linux/arm64/v8"))
        .isEqualTo(new Platform("linux", "arm64", Optional.of("v8")))
        .hasToString("linux/arm64/v8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "linux", "linux/", "/amd64", "linux/arm64/", "a/b/c/d", " /b"})
  void malformedTextIsRefused(String text) {
    assertThatThrownBy(() -> Platform.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("platform: '%s' (expected: os/arch[/variant])", text);
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64, true",
    "linux/arm64/v8, linux/arm64, true",
    "linux/arm64/v8, linux/arm64/v8, true",
    "linux/arm64/v8, linux/arm64/v7, false",
    "linux/arm64, linux/arm64/v8, false",
    "linux/amd64, linux/arm64, false",
    "windows/amd64, linux/amd64, false"
  })
  void imageServesAMachineThatAsksForNoMore(String image, String machine, boolean serves) {
    assertThat(Platform.parse(image).serves(Platform.parse(machine))).isEqualTo(serves);
  }
}

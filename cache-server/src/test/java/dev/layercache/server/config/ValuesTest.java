package dev.layercache.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  @Test
  void sizesAreReadWithUnits() {
    assertThat(DataSize.parse("0").bytes()).isZero();
    assertThat(DataSize.parse("17B").bytes()).isEqualTo(17);
    assertThat(DataSize.parse(" 2 KiB ").bytes()).isEqualTo(2048);
    assertThat(DataSize.parse("32GiB").bytes()).isEqualTo(32L << 30);
    assertThat(DataSize.parse("1TiB").bytes()).isEqualTo(1L << 40);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GiB",
        "-1",
        "1.5GiB",
        "1GB",
        "1gib",
        "99999999TiB",
        "1 2",
        "99999999999999999999"
      })
  void otherSizesAreRefused(String text) {
    assertThatThrownBy(() -> DataSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is not a size");
  }

  @Property
  void aSizeThatIsWrittenIsReadBack(@ForAll @LongRange(min = 0) long bytes) {
    assertThat(DataSize.parse(new DataSize(bytes % (1L << 58)).toString()).bytes())
        .isEqualTo(bytes % (1L << 58));
  }

  @Test
  void addressesAreReadAndWritten() {
    assertThat(HostPort.parse("127.0.0.1:0")).isEqualTo(new HostPort("127.0.0.1", 0));
    assertThat(HostPort.parse("cache.example:65535"))
        .isEqualTo(new HostPort("cache.example", 65_535));
    assertThat(HostPort.parse("[::1]:80")).isEqualTo(new HostPort("::1", 80));
    assertThat(new HostPort("::1", 80)).hasToString("[::1]:80");
    assertThat(new HostPort("h", 80).withPort(81)).hasToString("h:81");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "h", ":1", "h:", "h:x", "h:-1", "h:65536", "::1:80", "[]:1", "a b:1", "h:1:2", "h/x:1"
      })
  void otherAddressesAreRefused(String text) {
    assertThatThrownBy(() -> HostPort.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void aBudgetThatTheDatabaseAloneWouldPassIsRefused() {
    assertThat(DiskShare.parse("64MiB").bytes(1)).isEqualTo(64 << 20);
    assertThat(DiskShare.parse("80%").bytes(1000)).isEqualTo(800);
    assertThatThrownBy(() -> DiskShare.parse("63MiB"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'63MiB' (expected: at least 64MiB)");
  }
}

package dev.layercache.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.blob.ManualClock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
  private final ManualClock clock = new ManualClock();
  private final RateLimit limit = new RateLimit(clock);

  private void seen(int status, Map<String, String> headers) {
    limit.seen(status, name -> Optional.ofNullable(headers.get(name)));
  }

  @Test
  void dockerHubsHeadersAreRead() {
    seen(200, Map.of("ratelimit-limit", "100;w=21600", "ratelimit-remaining", "76;w=21600"));
    assertThat(limit.limit()).hasValue(100);
    assertThat(limit.remaining()).hasValue(76);
    assertThat(limit.pause()).isZero();
    seen(200, Map.of());
    assertThat(limit.remaining()).hasValue(76);
  }

  @ParameterizedTest
  @CsvSource({
    "30, 30",
    "'  7 ', 7",
    "999999999, 3600",
    "'Thu, 01 Jan 2026 00:02:00 GMT', 120",
    "'Wed, 31 Dec 2025 00:00:00 GMT', 0",
    "soon, 10"
  })
  void retryAfterIsKept(String header, long seconds) {
    seen(429, Map.of("Retry-After", header));
    assertThat(limit.pause()).isEqualTo(Duration.ofSeconds(seconds));
    clock.advance(Duration.ofSeconds(seconds));
    assertThat(limit.pause()).isZero();
  }

  @Test
  void aLimitWithoutATimeIsKeptForAWhile() {
    seen(429, Map.of());
    assertThat(limit.pause()).isEqualTo(RateLimit.DEFAULT_PAUSE);
  }
}

package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What reads ranges, fed with anything. */
class RangeFuzzTest {

  /**
   * @param input the size of a blob, then a header
   */
  @FuzzTest(maxDuration = "3s")
  void aRangeIsInsideTheBlobOrIsRefused(byte[] input) {
    if (input.length < Long.BYTES) {
      return;
    }
    long size = ByteBuffer.wrap(input).getLong() & Long.MAX_VALUE;
    String header =
        new String(input, Long.BYTES, input.length - Long.BYTES, StandardCharsets.ISO_8859_1);
    range(header, size);
    contentRange(header);
  }

  private static void range(String header, long size) {
    try {
      RangeHeader.parse(header, size)
          .ifPresent(
              range -> {
                assertThat(range.length()).isBetween(1L, size);
                assertThat(range.offset()).isBetween(0L, size - range.length());
              });
    } catch (RegistryException e) {
      assertThat(e.status()).isEqualTo(416);
    }
  }

  private static void contentRange(String header) {
    try {
      var range = ContentRange.parse(header);
      assertThat(range.first()).isBetween(0L, range.last());
      assertThat(range.length()).isPositive();
    } catch (RegistryException e) {
      assertThat(e.status()).isEqualTo(400);
    }
  }
}

package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.layercache.oci.ImageReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What reads paths, ranges and headers, fed with anything. A plain run replays the seeds; {@code
 * JAZZER_FUZZ=1} fuzzes.
 */
class ParserFuzzTest {

  @FuzzTest(maxDuration = "20s")
  void aPathNamesAValidPlaceOrIsRefused(byte[] input) {
    String path = new String(input, StandardCharsets.ISO_8859_1);
    try {
      RoutePath.parse(path).ifPresent(ParserFuzzTest::requireValid);
    } catch (RegistryException e) {
      assertThat(e.status()).isEqualTo(400);
    }
  }

  private static void requireValid(Route route) {
    String repository =
        switch (route) {
          case Route.Blob r -> r.repository();
          case Route.Manifest r -> r.repository();
          case Route.Tags r -> r.repository();
          case Route.Referrers r -> r.repository();
          case Route.Uploads r -> r.repository();
          case Route.Upload r -> r.repository();
          case Route.Base r -> "a";
          case Route.Health r -> "a";
          case Route.Catalog r -> "a";
        };
    assertThat(ImageReference.isRepository(repository)).isTrue();
  }

  @FuzzTest(maxDuration = "20s")
  void aRangeIsInsideTheBlobOrIsRefused(byte[] input) {
    if (input.length < Long.BYTES) {
      return;
    }
    long size = ByteBuffer.wrap(input).getLong() & Long.MAX_VALUE;
    String header =
        new String(input, Long.BYTES, input.length - Long.BYTES, StandardCharsets.ISO_8859_1);
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

  @FuzzTest(maxDuration = "20s")
  void aContentRangeHasAtLeastOneByteOrIsRefused(byte[] input) {
    try {
      var range = ContentRange.parse(new String(input, StandardCharsets.ISO_8859_1));
      assertThat(range.first()).isBetween(0L, range.last());
      assertThat(range.length()).isPositive();
    } catch (RegistryException e) {
      assertThat(e.status()).isEqualTo(400);
    }
  }
}

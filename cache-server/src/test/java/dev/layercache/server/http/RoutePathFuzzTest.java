package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.layercache.oci.ImageReference;
import java.nio.charset.StandardCharsets;

/** The router, fed with anything. A plain run replays the seeds; {@code JAZZER_FUZZ=1} fuzzes. */
class RoutePathFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void aPathNamesAValidPlaceOrIsRefused(byte[] input) {
    String path = new String(input, StandardCharsets.ISO_8859_1);
    try {
      RoutePath.parse(path).ifPresent(RoutePathFuzzTest::requireValid);
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
}

package dev.layercache.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.ManifestParser;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad manifests get a clear error and leave no trace. */
class HostileManifestTest {
  private static final String BLOB = ImageFixture.absentLayer("x").digest().toString();

  private final ImageFixture fixture = new ImageFixture();

  static Stream<Arguments> manifests() {
    String config = "\"config\":{\"mediaType\":\"a/b\",\"digest\":\"" + BLOB + "\",\"size\":1}";
    return Stream.of(
        Arguments.of("nested", "[".repeat(100_000), "JSON"),
        Arguments.of(
            "deep field", "{\"schemaVersion\":2,\"x\":" + "{\"x\":".repeat(70) + "1", "JSON"),
        Arguments.of(
            "duplicate key", "{\"schemaVersion\":2," + config + "," + config + "}", "Duplicate"),
        Arguments.of(
            "ambiguous",
            "{\"schemaVersion\":2," + config + ",\"layers\":[],\"manifests\":[]}",
            "ambiguous"),
        Arguments.of("trailing", "{\"schemaVersion\":2," + config + "} {}", "JSON"),
        Arguments.of("empty", "", "object"),
        Arguments.of("no object", "[]", "object"),
        Arguments.of("null", "null", "object"),
        Arguments.of("no version", "{" + config + "}", "schemaVersion: none"),
        Arguments.of("version text", "{\"schemaVersion\":\"x\"," + config + "}", "schemaVersion"),
        Arguments.of("no config", "{\"schemaVersion\":2,\"layers\":[]}", "no config"),
        Arguments.of("config null", "{\"schemaVersion\":2,\"config\":null}", "config"),
        Arguments.of(
            "layers object", "{\"schemaVersion\":2," + config + ",\"layers\":{}}", "array"),
        Arguments.of(
            "layer text", "{\"schemaVersion\":2," + config + ",\"layers\":[\"x\"]}", "[0]"),
        Arguments.of(
            "path as digest",
            "{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:../../x\",\"size\":1}}",
            "digest"),
        Arguments.of(
            "negative size",
            "{\"schemaVersion\":2,\"config\":{\"digest\":\"" + BLOB + "\",\"size\":-1}}",
            "size -1"),
        Arguments.of(
            "huge size",
            "{\"schemaVersion\":2,\"config\":{\"digest\":\""
                + BLOB
                + "\",\"size\":9223372036854775808}}",
            "size"),
        Arguments.of(
            "fractional size",
            "{\"schemaVersion\":2,\"config\":{\"digest\":\"" + BLOB + "\",\"size\":1.5}}",
            "size 1.5"),
        Arguments.of(
            "urls text",
            "{\"schemaVersion\":2,\"config\":{\"digest\":\""
                + BLOB
                + "\",\"size\":1,\"urls\":\"x\"}}",
            "urls"),
        Arguments.of(
            "foreign media type", "{\"schemaVersion\":2,\"mediaType\":\"text/html\"}", "text/html"),
        Arguments.of(
            "annotations text",
            "{\"schemaVersion\":2," + config + ",\"annotations\":\"x\"}",
            "annotations"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("manifests")
  void isRefusedAndLeavesNoTrace(String name, String json, String message) throws IOException {
    byte[] manifest = json.getBytes(UTF_8);

    assertThatThrownBy(() -> fixture.put("app", manifest, "v1"))
        .as(name)
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(message);

    assertNoTrace(manifest);
  }

  @Test
  void moreThanFourMebibytesAreRefusedWhateverTheType() throws IOException {
    byte[] manifest = new byte[ManifestParser.MAX_BYTES + 1];

    for (String mediaType : List.of("", "application/vnd.example+json")) {
      assertThatThrownBy(
              () -> fixture.images.put("app", Optional.empty(), List.of("v1"), manifest, mediaType))
          .isInstanceOf(InvalidManifestException.class)
          .hasMessage("manifest has 4194305 bytes (expected: at most 4194304)");
    }
    assertNoTrace(manifest);
  }

  @Test
  void fourMebibytesAreTaken() throws IOException {
    byte[] manifest = new byte[ManifestParser.MAX_BYTES];

    fixture.images.put("app", Optional.empty(), List.of("v1"), manifest, "application/x.y");

    assertThat(fixture.images.get("app", "v1").orElseThrow().bytes()).isEqualTo(manifest);
  }

  @Test
  void mediaTypeMustNotBreakAHeader() throws IOException {
    byte[] manifest = fixture.image("one");

    for (String mediaType :
        List.of(
            "a/b\r\nSet-Cookie: x",
            "a",
            "a/",
            "/b",
            "a/b; charset=utf-8",
            "a/" + "b".repeat(128))) {
      assertThatThrownBy(
              () -> fixture.images.put("app", Optional.empty(), List.of(), manifest, mediaType))
          .isInstanceOf(InvalidManifestException.class)
          .hasMessageContaining("expected: type/subtype");
    }
  }

  @Test
  void declaredMediaTypeMustBeTheGivenOne() throws IOException {
    Descriptor config = fixture.config("{}");
    byte[] manifest = ManifestJson.manifest(config).bytes();

    assertThatThrownBy(
            () ->
                fixture.images.put(
                    "app",
                    Optional.empty(),
                    List.of(),
                    manifest,
                    "application/vnd.docker.distribution.manifest.v2+json"))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("declares mediaType");
    assertNoTrace(manifest);
  }

  private void assertNoTrace(byte[] manifest) throws IOException {
    if (manifest.length > 0) {
      assertThat(fixture.blobs.stat(Digest.of(manifest))).isEmpty();
    }
    for (Table table : Table.values()) {
      assertThat(fixture.metadata.scan(table, new byte[0], new byte[0], 1)).isEmpty();
    }
  }
}

package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An answer as a client sees it.
 *
 * @param headers by lower-case name
 */
record Reply(int status, Map<String, List<String>> headers, byte[] body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  String header(String name) {
    return String.join(", ", headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()));
  }

  boolean hasHeader(String name) {
    return headers.containsKey(name.toLowerCase(Locale.ROOT));
  }

  static String mediaType(String manifest) throws IOException {
    return JSON.readTree(manifest).path("mediaType").asText();
  }

  JsonNode json() throws IOException {
    return JSON.readTree(body);
  }

  Reply expect(int expected) {
    assertThat(status).as(() -> new String(body, StandardCharsets.UTF_8)).isEqualTo(expected);
    return this;
  }

  /** Has the specification's error body with this code, and names the request. */
  Reply expectError(int expected, String code) throws IOException {
    expect(expected);
    assertThat(header("Content-Type")).isEqualTo("application/json");
    var error = json().path("errors").path(0);
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("detail").path("requestId").asText())
        .isNotBlank()
        .isEqualTo(header("X-Request-Id"));
    return this;
  }
}

package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How connections live: several requests, waiting bodies, early answers, the end. */
class ConnectionTest {
  private static final String GET = "GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n";

  private TestRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RawConnection connect() throws IOException {
    return new RawConnection(registry.port());
  }

  @Test
  void aConnectionServesRequestAfterRequest() throws IOException {
    try (var raw = connect()) {
      for (int i = 0; i < 100; i++) {
        raw.send(GET).reply().expect(200);
      }
    }
  }

  @Test
  void requestsThatAreSentAtOnceAreAnsweredInOrder() throws IOException {
    try (var raw = connect()) {
      var all = new StringBuilder();
      for (int i = 0; i < 1000; i++) {
        all.append("GET /v2/a%d/tags/list HTTP/1.1\r\nHost: x\r\n\r\n".formatted(i));
      }
      raw.send(all.toString());
      for (int i = 0; i < 1000; i++) {
        var error = raw.reply().expectError(404, "NAME_UNKNOWN").json();
        assertThat(error.toString()).contains("no repository a" + i + " ");
      }
    }
  }

  @Test
  void aBodyAndTheRequestBehindItAreToldApart() throws IOException {
    byte[] content = new byte[700_000];
    new Random(3).nextBytes(content);
    var digest = Digest.of(content);
    try (var raw = connect()) {
      raw.send(
          "POST /v2/a/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 700000\r\n\r\n"
              .formatted(digest));
      raw.send(content)
          .send(GET)
          .send("HEAD /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
      raw.reply().expect(201);
      raw.reply().expect(200);
      raw.headReply().expect(200);
    }
  }

  @Test
  void theClientIsToldToContinueOnlyIfItsBodyIsWanted() throws IOException {
    var digest = Digest.of(new byte[] {7});
    try (var raw = connect()) {
      raw.send(
          "POST /v2/a/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
              .formatted(digest));
      raw.reply().expect(100);
      raw.send(new byte[] {7}).reply().expect(201);
      raw.send(GET).reply().expect(200);
    }
    try (var raw = connect()) {
      raw.send(
          "PATCH /v2/a/blobs/uploads/gone HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
      raw.reply().expectError(404, "BLOB_UPLOAD_UNKNOWN");
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @Test
  void aSmallBodyThatNobodyWantsDoesNotEndTheConnection() throws IOException {
    try (var raw = connect()) {
      raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
          .send(new byte[100_000])
          .send(GET);
      raw.reply().expect(200);
      raw.reply().expect(200);
    }
  }

  @Test
  void anEarlyAnswerIsNotLostThoughTheClientGoesOnSending() throws IOException {
    try (var raw = connect()) {
      raw.send(
          "PATCH /v2/a/blobs/uploads/gone HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n");
      raw.send(new byte[2_000_000]);
      var reply = raw.reply().expectError(404, "BLOB_UPLOAD_UNKNOWN");
      assertThat(reply.header("Connection")).isEqualTo("close");
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @Test
  void theConnectionEndsWhenTheClientAsksForThat() throws IOException {
    try (var raw = connect()) {
      raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").reply().expect(200);
      assertThat(raw.isEndedByServer()).isTrue();
    }
    try (var raw = connect()) {
      raw.send("GET /v2/ HTTP/1.0\r\n\r\n").reply().expect(200);
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @Test
  void theAbsoluteFormOfATargetIsUnderstood() throws IOException {
    try (var raw = connect()) {
      raw.send("GET http://x/v2/ HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(200);
      raw.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(200);
      raw.send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(200);
    }
  }

  @Test
  void everyAnswerNamesItsRequest() throws IOException {
    try (var raw = connect()) {
      String first = raw.send(GET).reply().header("X-Request-Id");
      String second = raw.send(GET).reply().header("X-Request-Id");
      assertThat(first).isNotBlank().isNotEqualTo(second);
    }
  }
}

package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two servers could understand differently, or that nobody should send. */
class HostileRequestTest {
  private static TestRegistry registry;

  @BeforeAll
  static void start() throws IOException {
    registry = TestRegistry.start();
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  static Stream<Arguments> ambiguous() {
    String get = "GET /v2/ HTTP/1.1\r\nHost: x\r\n";
    String post = "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n";
    return Stream.of(
        Arguments.of("two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        Arguments.of("a list of lengths", post + "Content-Length: 3, 4\r\n\r\nabcd"),
        Arguments.of(
            "same length twice", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
        Arguments.of("negative length", post + "Content-Length: -1\r\n\r\n"),
        Arguments.of("signed length", post + "Content-Length: +3\r\n\r\nabc"),
        Arguments.of("hexadecimal length", post + "Content-Length: 0x3\r\n\r\nabc"),
        Arguments.of("length beyond a long", post + "Content-Length: 99999999999999999999\r\n\r\n"),
        Arguments.of(
            "length and chunks",
            post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Arguments.of(
            "chunks and length",
            post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
        Arguments.of(
            "chunks in HTTP/1.0",
            "POST /v2/a/blobs/uploads/ HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Arguments.of(
            "vertical tab before chunked",
            post + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n"),
        Arguments.of("folded line", get + "A: b\r\n c\r\n\r\n"),
        Arguments.of("folded with a tab", get + "A: b\r\n\tc\r\n\r\n"),
        Arguments.of("folded after empty lines", "\r\n\r\n" + get + "A: b\r\n c\r\n\r\n"),
        Arguments.of("first line folded", "GET /v2/ HTTP/1.1\r\n Host: x\r\n\r\n"),
        Arguments.of("space before the request line", " GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        Arguments.of("bare CR in a value", get + "A: b\rContent-Length: 3\r\n\r\n"),
        Arguments.of("bare CR in the request line", "GET /v2/\r HTTP/1.1\r\nHost: x\r\n\r\n"),
        Arguments.of("bare CR at the end", get + "A: b\r\r\n\r\n"),
        Arguments.of("bare LF", "GET /v2/ HTTP/1.1\nHost: x\n\n"),
        Arguments.of("NUL in a value", get + "A: b\0c\r\n\r\n"),
        Arguments.of("space before the colon", get + "Content-Length : 3\r\n\r\nabc"),
        Arguments.of("no colon", get + "nonsense\r\n\r\n"),
        Arguments.of("empty name", get + ": x\r\n\r\n"),
        Arguments.of("no host", "GET /v2/ HTTP/1.1\r\n\r\n"),
        Arguments.of("two hosts", get + "Host: y\r\n\r\n"),
        Arguments.of("no version", "GET /v2/\r\nHost: x\r\n\r\n"),
        Arguments.of("garbage", "\u0016\u0003\u0001\u0002\u0000 1 2\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ambiguous")
  void isRefusedAndTheConnectionEnds(String what, String request) throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      var reply = raw.send(request + "GET /v2/ HTTP/1.1\r\nHost: smuggled\r\n\r\n").reply();
      reply.expectError(400, "UNSUPPORTED");
      assertThat(reply.header("Connection")).isEqualTo("close");
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip",
        "chunked, chunked",
        "gzip, chunked",
        "identity",
        "xchunked",
        "chunked\r\nTransfer-Encoding: chunked"
      })
  void anotherTransferEncodingIsRefused(String coding) throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      var reply =
          raw.send(
                  "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: %s\r\n\r\n0\r\n\r\n"
                      .formatted(coding))
              .reply();
      reply.expectError(501, "UNSUPPORTED");
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zz\r\n", "-1\r\nab", "\r\n", "2\r\nabXX", "fffffffff\r\n", "2;a=b\nc\r\nab\r\n"})
  void aMalformedChunkIsRefused(String chunk) throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      var reply =
          raw.send(
                  "POST /v2/a/blobs/uploads/?digest=sha256:%s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s"
                      .formatted("0".repeat(64), chunk))
              .reply();
      reply.expectError(400, "UNSUPPORTED");
      assertThat(raw.isEndedByServer()).isTrue();
    }
    assertThat(registry.blobs.usage().uploads()).isZero();
  }

  @Test
  void aFoldThatComesLaterIsRefusedToo() throws Exception {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nA: b\r\n");
      Thread.sleep(100);
      raw.send(" c\r\n\r\n").reply().expectError(400, "UNSUPPORTED");
    }
  }

  @Test
  void aLongRequestLineIsRefused() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/" + "a".repeat(17_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")
          .reply()
          .expectError(414, "UNSUPPORTED");
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @Test
  void aLargeHeaderIsRefused() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nA: " + "a".repeat(33_000) + "\r\n\r\n")
          .reply()
          .expectError(431, "UNSUPPORTED");
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/ HTTP/2.0\r\nHost: x\r\n\r\n").reply().expectError(505, "UNSUPPORTED");
    }
  }

  @Test
  void anUnknownExpectationIsRefused() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n")
          .reply()
          .expectError(417, "UNSUPPORTED");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/../etc/passwd/manifests/x",
        "/v2/a/../b/manifests/x",
        "/v2/./a/manifests/x",
        "/v2//manifests/x",
        "/v2/a//b/manifests/x",
        "/v2/a%2Fb/manifests/x",
        "/v2/a%2e%2e/manifests/x",
        "/v2/a%00/manifests/x",
        "/v2/A/manifests/x",
        "/v2/a\\b/manifests/x",
        "/v2/-a/manifests/x",
        "/v2/a-/blobs/uploads/",
        "/v2/a..b/tags/list",
        "/v2/\u00e4/tags/list",
        "/v2/a;b/tags/list",
      })
  void aPathTrickIsNoName(String path) throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
          .reply()
          .expectError(400, "NAME_INVALID");
    }
  }

  @Test
  void aNameOfMoreThan255CharactersIsInvalid() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/" + "a".repeat(256) + "/tags/list HTTP/1.1\r\nHost: x\r\n\r\n")
          .reply()
          .expectError(400, "NAME_INVALID");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1/",
        "/v2/x",
        "/v2/a/tags",
        "/v2/a/tags/lists",
        "/v2/a/blobs",
        "/v2/a/uploads/x",
        "/index.html",
        "/v2/_catalog/x",
        "*",
        "/v2/manifests/x",
        "/v2/a/b/c"
      })
  void whatIsNoEndpointIsNotFound(String path) throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
          .reply()
          .expectError(404, "UNSUPPORTED");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /v2/",
        "DELETE /v2/_catalog",
        "PUT /v2/a/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "GET /v2/a/blobs/uploads/",
        "POST /v2/a/blobs/uploads/x",
        "PATCH /v2/a/manifests/x",
        "DELETE /v2/a/tags/list",
        "OPTIONS /healthz",
        "NONSENSE /v2/a/manifests/x",
        "POST /v2/a/referrers/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      })
  void anotherMethodIsNotAllowed(String request) throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      var reply = raw.send(request + " HTTP/1.1\r\nHost: x\r\n\r\n").reply();
      reply.expectError(405, "UNSUPPORTED");
      assertThat(reply.header("Allow")).isNotBlank();
    }
  }

  @Test
  void aMalformedQueryIsRefused() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/_catalog?n=%zz HTTP/1.1\r\nHost: x\r\n\r\n")
          .reply()
          .expectError(400, "UNSUPPORTED");
    }
  }

  @Test
  void aBodyThatLooksLikeARequestIsNone() throws IOException {
    String inner = "DELETE /v2/a/manifests/x HTTP/1.1\r\nHost: smuggled\r\n\r\n";
    try (var raw = new RawConnection(registry.port())) {
      raw.send(
          "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(inner.length(), inner));
      raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      raw.reply().expect(200);
      raw.reply().expect(200);
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @Test
  void trailersDoNotChangeTheMessage() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send(
          "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\nHost: z\r\n\r\n");
      String location = raw.reply().expect(202).header("Location");
      // Elsewhere: an answer that is out before the body has ended ends the connection.
      try (var other = new RawConnection(registry.port())) {
        other.send("DELETE " + location + " HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(204);
      }
    }
  }
}

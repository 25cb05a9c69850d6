package dev.layercache.server.upstream.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpClientTest {
  private static final Timeouts PATIENT =
      new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10));
  private static final Timeouts HASTY =
      new Timeouts(Duration.ofSeconds(10), Duration.ofMillis(200), Duration.ofMillis(200));
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  @TempDir Path directory;
  private final List<AutoCloseable> parts = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (var part : parts.reversed()) {
      part.close();
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.add(part);
    return part;
  }

  private StubServer answering(String answer) throws IOException {
    return own(StubServer.plain(request -> answer));
  }

  private HttpClient client(URI own, boolean allowPrivate, Timeouts timeouts) throws IOException {
    return own(new HttpClient(Endpoint.of(own), allowPrivate, Optional.empty(), 2, timeouts));
  }

  private HttpClient client(StubServer server) throws IOException {
    return client(server.url("/"), true, PATIENT);
  }

  private static String get(HttpClient client, URI target) throws IOException {
    var call =
        HttpCall.of("GET", target, Duration.ofSeconds(10))
            .with(HttpCall.AUTHORIZATION, "Basic c2VjcmV0");
    try (var reply = client.send(call)) {
      return reply.status() + " " + new String(reply.readAll(1 << 20), UTF_8);
    }
  }

  private static String redirect(URI target) {
    return "HTTP/1.1 307 Temporary Redirect\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
        .formatted(target);
  }

  @Test
  void aConnectionIsUsedAgain() throws IOException {
    var server = answering(HELLO);
    var client = client(server);
    for (int i = 0; i < 5; i++) {
      assertThat(get(client, server.url("/a?b=c"))).isEqualTo("200 hello");
    }
    assertThat(server.connections()).isEqualTo(1);
    assertThat(server.requests().getFirst().lines())
        .contains("GET /a?b=c HTTP/1.1", "host: localhost:" + server.url("/").getPort());
  }

  @Test
  void aConnectionThatThePeerClosedWhileItWaitedIsReplaced() throws IOException {
    var server = answering(HELLO.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    var client = client(server);
    for (int i = 0; i < 3; i++) {
      assertThat(get(client, server.url("/"))).isEqualTo("200 hello");
    }
    assertThat(server.connections()).isEqualTo(3);
  }

  @Test
  void anAnswerThatIsNotReadToItsEndGivesItsPlaceBack() throws IOException {
    var server =
        answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(1_000_000));
    var client = client(server);
    for (int i = 0; i < 10; i++) {
      try (var reply = client.send(HttpCall.of("GET", server.url("/"), Duration.ofSeconds(10)))) {
        assertThat(reply.read(ByteBuffer.allocate(10))).isPositive();
      }
    }
  }

  @Test
  void moreRequestsThanConnectionsWait() throws IOException {
    var server = answering(HELLO);
    var client = client(server);
    var call = HttpCall.of("GET", server.url("/"), Duration.ofMillis(50));
    try (var one = client.send(call);
        var two = client.send(call)) {
      assertThatThrownBy(() -> client.send(call)).isInstanceOf(TooManyRequestsException.class);
      one.discard();
      client.send(call).discard();
      assertThat(two.status()).isEqualTo(200);
    }
  }

  @Test
  void aHeadHasALengthAndNoBody() throws IOException {
    var server = answering("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
    var client = client(server);
    for (int i = 0; i < 2; i++) {
      try (var reply = client.send(HttpCall.of("HEAD", server.url("/"), Duration.ofSeconds(10)))) {
        assertThat(reply.contentLength()).hasValue(12345);
        assertThat(reply.readAll(10)).isEmpty();
      }
    }
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void chunksAndInterimAnswersAreRead() throws IOException {
    var server =
        answering(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
    assertThat(get(client(server), server.url("/"))).isEqualTo("200 hello");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\nConnection: close\r\n\r\nhello"
      })
  void whatIsNoWholeAnswerIsAnError(String answer) throws IOException {
    var server = answering(answer);
    assertThatThrownBy(() -> get(client(server), server.url("/"))).isInstanceOf(IOException.class);
  }

  @Test
  void endlessHeadersAreAnError() throws IOException {
    var server = answering("HTTP/1.1 200 OK\r\n" + "X-A: b\r\n".repeat(20_000) + "\r\n");
    assertThatThrownBy(() -> get(client(server), server.url("/"))).isInstanceOf(IOException.class);
  }

  @Test
  void silenceIsNotWaitedForLong() throws IOException {
    var silent = answering("hang");
    var client = client(silent.url("/"), true, HASTY);
    var call = HttpCall.of("GET", silent.url("/"), HASTY.answer());
    assertThatThrownBy(() -> client.send(call)).isInstanceOf(TimedOutException.class);

    var stuck = answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    try (var reply = client.send(HttpCall.of("GET", stuck.url("/"), Duration.ofSeconds(10)))) {
      assertThatThrownBy(() -> reply.readAll(10)).isInstanceOf(TimedOutException.class);
    }
  }

  @Test
  void closingEndsAWait() throws Exception {
    var stuck = answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    var reply = client(stuck).send(HttpCall.of("GET", stuck.url("/"), Duration.ofSeconds(10)));
    var failure = new CompletableFuture<Throwable>();
    var reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    reply.readAll(10);
                  } catch (IOException e) {
                    failure.complete(e);
                  }
                });
    reply.close();
    assertThat(reader.join(Duration.ofSeconds(5))).isTrue();
    assertThat(failure).isCompletedWithValueMatching(IOException.class::isInstance);
  }

  @Test
  void credentialsStayWithTheirHostWhenARedirectLeavesIt() throws IOException {
    var other = answering(HELLO);
    var first = own(StubServer.plain(request -> redirect(other.url("/elsewhere"))));
    assertThat(get(client(first), first.url("/"))).isEqualTo("200 hello");
    assertThat(first.requests().getFirst().hasHeader("Authorization")).isTrue();
    assertThat(other.requests().getFirst().lines()).contains("GET /elsewhere HTTP/1.1");
    assertThat(other.requests().getFirst().hasHeader("Authorization")).isFalse();
  }

  @Test
  void credentialsFollowARedirectWithinTheirHost() throws IOException {
    var server =
        own(
            StubServer.plain(
                request ->
                    request.lines().getFirst().contains("/moved")
                        ? HELLO
                        : redirect(URI.create("/moved"))));
    assertThat(get(client(server), server.url("/"))).isEqualTo("200 hello");
    assertThat(server.requests()).allMatch(request -> request.hasHeader("Authorization"));
  }

  @Test
  void redirectsEnd() throws IOException {
    var server = own(StubServer.plain(request -> redirect(URI.create("/again"))));
    assertThatThrownBy(() -> get(client(server), server.url("/")))
        .hasMessageContaining("redirects more than 5 times");
    assertThat(server.requests()).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://localhost/",
        "http:///nowhere",
        "file:///etc/passwd",
        "http://a:b@localhost/"
      })
  void redirectsLeadToRegistriesOnly(String target) throws IOException {
    var server = own(StubServer.plain(request -> redirect(URI.create(target))));
    assertThatThrownBy(() -> get(client(server), server.url("/"))).isInstanceOf(IOException.class);
  }

  @Test
  void aPrivateUpstreamNeedsLeave() throws IOException {
    var server = answering(HELLO);
    assertThatThrownBy(() -> get(client(server.url("/"), false, PATIENT), server.url("/")))
        .isInstanceOf(RefusedAddressException.class)
        .hasMessageContaining("loopback");
    assertThat(server.connections()).isZero();
  }

  @Test
  void aRedirectDoesNotLeadToTheSecretsOfACloud() throws IOException {
    var server = own(StubServer.plain(r -> redirect(URI.create("http://169.254.169.254/latest"))));
    assertThatThrownBy(() -> get(client(server), server.url("/")))
        .isInstanceOf(RefusedAddressException.class)
        .hasMessageContaining("link-local");
  }

  @Test
  void tlsNeedsATrustedCertificateOfTheHost() throws Exception {
    var certificate = new SelfSigned(directory);
    var sockets = certificate.context().getServerSocketFactory();
    var server = own(new StubServer(sockets, "https", request -> HELLO));
    assertThatThrownBy(() -> get(client(server), server.url("/"))).isInstanceOf(IOException.class);

    var trusting = trusting(server, certificate);
    assertThat(get(trusting, server.url("/"))).isEqualTo("200 hello");
    assertThatThrownBy(() -> get(trusting, server.url("127.0.0.1", "/")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void nothingGoesFromTlsToTheClear() throws Exception {
    var certificate = new SelfSigned(directory);
    var plain = answering(HELLO);
    var sockets = certificate.context().getServerSocketFactory();
    var server = own(new StubServer(sockets, "https", request -> redirect(plain.url("/"))));
    assertThatThrownBy(() -> get(trusting(server, certificate), server.url("/")))
        .isInstanceOf(RefusedAddressException.class)
        .hasMessageContaining("expected: https");
    assertThat(plain.connections()).isZero();
  }

  private HttpClient trusting(StubServer server, SelfSigned certificate) throws IOException {
    return own(
        new HttpClient(
            Endpoint.of(server.url("/")), true, Optional.of(certificate.pem()), 2, PATIENT));
  }

  @Test
  void aCaFileMustHaveACertificate() throws IOException {
    Path empty = Files.writeString(directory.resolve("empty.pem"), "");
    var endpoint = new Endpoint(true, "localhost", 1);
    assertThatThrownBy(() -> new HttpClient(endpoint, true, Optional.of(empty), 1, PATIENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no certificate");
  }
}

package dev.layercache.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.layercache.server.upstream.wire.SelfSigned;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Gives out tokens that docker-registry believes, to one user. */
final class TokenServer implements AutoCloseable {
  static final String SERVICE = "test-registry";
  static final String ISSUER = "test-issuer";
  static final String REFRESH_TOKEN = "refresh-me";

  private static final String BASIC = new Credentials("user", "secret", false).basic();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final SelfSigned certificate;
  private final HttpServer server;
  private final List<String> granted = new CopyOnWriteArrayList<>();

  TokenServer(SelfSigned certificate) throws IOException {
    this.certificate = certificate;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/token", this::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  String realm() {
    return "http://127.0.0.1:%d/token".formatted(server.getAddress().getPort());
  }

  /** What was granted: the method and the scope. */
  List<String> granted() {
    return granted;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean post = exchange.getRequestMethod().equals("POST");
      var given =
          parameters(
              post
                  ? new String(exchange.getRequestBody().readAllBytes(), UTF_8)
                  : exchange.getRequestURI().getRawQuery());
      boolean known =
          post
              ? REFRESH_TOKEN.equals(given.get("refresh_token"))
                  && "refresh_token".equals(given.get("grant_type"))
              : BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"));
      if (!known || !SERVICE.equals(given.get("service"))) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      granted.add(exchange.getRequestMethod() + " " + given.get("scope"));
      String key = post ? "access_token" : "token";
      byte[] body =
          JSON.writeValueAsBytes(
              Map.of(key, token(given.getOrDefault("scope", "")), "expires_in", 300));
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static Map<String, String> parameters(String encoded) {
    var parameters = new HashMap<String, String>();
    for (String pair : encoded.split("&")) {
      String[] parts = pair.split("=", 2);
      parameters.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
    }
    return parameters;
  }

  /** A JSON Web Token (RFC 7519) with the certificate of its signer in it. */
  private String token(String scope) throws IOException, GeneralSecurityException {
    String[] parts = scope.split(":");
    var now = Instant.now().getEpochSecond();
    var access =
        Map.of("type", parts[0], "name", parts[1], "actions", Arrays.asList(parts[2].split(",")));
    var chain = List.of(Base64.getEncoder().encodeToString(certificate.certificate().getEncoded()));
    var header = Map.of("typ", "JWT", "alg", "RS256", "x5c", chain);
    var claims =
        Map.of(
            "iss",
            ISSUER,
            "sub",
            "user",
            "aud",
            SERVICE,
            "exp",
            now + 300,
            "nbf",
            now - 10,
            "iat",
            now,
            "jti",
            "id-" + now,
            "access",
            List.of(access));
    String signed =
        BASE64.encodeToString(JSON.writeValueAsBytes(header))
            + '.'
            + BASE64.encodeToString(JSON.writeValueAsBytes(claims));
    var signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(certificate.key());
    signature.update(signed.getBytes(UTF_8));
    return signed + '.' + BASE64.encodeToString(signature.sign());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

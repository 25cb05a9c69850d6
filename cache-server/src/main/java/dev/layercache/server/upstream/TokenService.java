package dev.layercache.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.layercache.server.upstream.wire.Endpoint;
import dev.layercache.server.upstream.wire.HttpCall;
import dev.layercache.server.upstream.wire.HttpClient;
import dev.layercache.server.upstream.wire.HttpReply;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Gets tokens where a registry says that they are given out (distribution's "Token Authentication
 * Specification" and "OAuth2 Token Authentication"). Thread-safe, no state.
 */
final class TokenService {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CLIENT = "layercache";
  private static final int MAX_ANSWER = 256 << 10;

  /** What the specification says of a token that does not say it itself. */
  private static final Duration DEFAULT_LIFETIME = Duration.ofSeconds(60);

  private static final Duration LONGEST_LIFETIME = Duration.ofHours(12);

  private final HttpClient http;
  private final Duration patience;

  TokenService(HttpClient http, Duration patience) {
    this.http = http;
    this.patience = patience;
  }

  /** A token and how long it is good for. */
  record Granted(String token, Duration lifetime) {}

  /**
   * Asks for a token.
   *
   * @param registry whose challenge it is: a token is not asked for in the clear on behalf of a
   *     registry that speaks TLS
   * @return empty when the service refuses
   * @throws IOException if it cannot be asked, or answers nonsense
   */
  Optional<Granted> ask(
      Endpoint registry, Challenge challenge, String scope, Optional<Credentials> credentials)
      throws IOException {
    URI realm = realm(registry, challenge);
    var parameters = new LinkedHashMap<String, String>();
    challenge.service().ifPresent(service -> parameters.put("service", service));
    parameters.put("scope", scope);
    if (credentials.isPresent() && credentials.get().identityToken()) {
      return post(realm, parameters, credentials.get());
    }
    var query = new LinkedHashMap<>(parameters);
    credentials.ifPresent(who -> query.put("account", who.username()));
    var call = HttpCall.of("GET", withQuery(realm, query), patience);
    if (credentials.isPresent()) {
      call = call.with(HttpCall.AUTHORIZATION, credentials.get().basic());
    }
    try (var reply = http.send(call)) {
      if (reply.status() == 200) {
        return Optional.of(granted(reply));
      }
      reply.discard();
      boolean postOnly = reply.status() == 404 || reply.status() == 405;
      if (!postOnly || credentials.isEmpty()) {
        return refused(realm, reply);
      }
    }
    return post(realm, parameters, credentials.get());
  }

  private Optional<Granted> post(URI realm, Map<String, String> common, Credentials credentials)
      throws IOException {
    var form = new LinkedHashMap<>(common);
    form.put("client_id", CLIENT);
    if (credentials.identityToken()) {
      form.put("grant_type", "refresh_token");
      form.put("refresh_token", credentials.secret());
    } else {
      form.put("grant_type", "password");
      form.put("username", credentials.username());
      form.put("password", credentials.secret());
    }
    try (var reply = http.send(HttpCall.of("POST", realm, patience).posting(encoded(form)))) {
      if (reply.status() == 200) {
        return Optional.of(granted(reply));
      }
      reply.discard();
      return refused(realm, reply);
    }
  }

  private static Optional<Granted> refused(URI realm, HttpReply reply) throws IOException {
    return switch (reply.status()) {
      case 400, 401, 403, 404 -> Optional.empty();
      default ->
          throw new IOException(
              "token service %s answered %d (expected: 200)"
                  .formatted(realm.getHost(), reply.status()));
    };
  }

  private static Granted granted(HttpReply reply) throws IOException {
    JsonNode answer = JSON.readTree(reply.readAll(MAX_ANSWER));
    String token = answer.path("token").asText();
    if (token.isEmpty()) {
      token = answer.path("access_token").asText();
    }
    if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IOException("token service gave no token (expected: token or access_token)");
    }
    long seconds = answer.path("expires_in").asLong(0);
    var lifetime = seconds > 0 ? Duration.ofSeconds(seconds) : DEFAULT_LIFETIME;
    return new Granted(
        token, lifetime.compareTo(LONGEST_LIFETIME) > 0 ? LONGEST_LIFETIME : lifetime);
  }

  private static URI realm(Endpoint registry, Challenge challenge) throws IOException {
    try {
      URI realm = URI.create(challenge.realm().orElse(""));
      if (registry.secure() && !Endpoint.of(realm).secure()) {
        throw new IOException(
            "%s names the token service %s (expected: https, as its own)"
                .formatted(registry, realm));
      }
      return realm;
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s names no token service (expected: a realm that is a URL)".formatted(registry), e);
    }
  }

  private static URI withQuery(URI realm, Map<String, String> parameters) {
    String text = realm.toString();
    return URI.create(text + (text.indexOf('?') < 0 ? '?' : '&') + encoded(parameters));
  }

  private static String encoded(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(e -> e.getKey() + '=' + URLEncoder.encode(e.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }
}

package dev.layercache.server.upstream;

import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.upstream.wire.Endpoint;
import dev.layercache.server.upstream.wire.HttpCall;
import dev.layercache.server.upstream.wire.HttpClient;
import dev.layercache.server.upstream.wire.HttpReply;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Puts onto requests what a registry wants to see. How it wants it is learned from its first
 * refusal and remembered, so that later requests go through at once. Thread-safe.
 */
final class Authorizer {
  private final UpstreamConfig config;
  private final Endpoint endpoint;
  private final HttpClient http;
  private final TokenService service;
  private final Tokens tokens;
  private volatile Optional<Challenge> learned = Optional.empty();

  Authorizer(UpstreamConfig config, HttpClient http, Duration patience, Clock clock) {
    this.config = config;
    this.endpoint = Endpoint.of(config.url());
    this.http = http;
    this.service = new TokenService(http, patience);
    this.tokens = new Tokens(clock);
  }

  /**
   * Sends a request, with a token or password where that is wanted.
   *
   * @param scope what the request needs (distribution's token specification)
   * @return any answer, with 401 when what we have is not enough; the caller closes it
   */
  HttpReply send(HttpCall call, String scope) throws IOException {
    var first = header(scope);
    var reply = http.send(with(call, first));
    if (reply.status() != 401) {
      return reply;
    }
    var challenge = Challenge.choose(reply.headers("WWW-Authenticate"));
    if (challenge.isEmpty()) {
      return reply;
    }
    learned = challenge;
    first.ifPresent(sent -> tokens.remove(scope, sent.substring(sent.indexOf(' ') + 1)));
    var second = header(scope);
    if (second.isEmpty() || (second.equals(first) && challenge.get().scheme().equals("basic"))) {
      return reply;
    }
    reply.discard();
    return http.send(with(call, second));
  }

  private static HttpCall with(HttpCall call, Optional<String> header) {
    return header.map(value -> call.with(HttpCall.AUTHORIZATION, value)).orElse(call);
  }

  private Optional<String> header(String scope) throws IOException {
    var challenge = learned;
    if (challenge.isEmpty()) {
      return Optional.empty();
    }
    if (challenge.get().scheme().equals("basic")) {
      return credentials().filter(who -> !who.identityToken()).map(Credentials::basic);
    }
    var known = tokens.get(scope);
    if (known.isPresent()) {
      return known.map(Authorizer::bearer);
    }
    var granted = service.ask(endpoint, challenge.get(), scope, credentials());
    granted.ifPresent(token -> tokens.put(scope, token.token(), token.lifetime()));
    return granted.map(token -> bearer(token.token()));
  }

  private static String bearer(String token) {
    return "Bearer " + token;
  }

  private Optional<Credentials> credentials() throws IOException {
    return Credentials.read(config.host(), config.login());
  }
}

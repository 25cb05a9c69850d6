package dev.layercache.server.upstream.wire;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request.
 *
 * @param method GET, HEAD or POST
 * @param target absolute
 * @param headers by name; {@code Authorization} stays with the endpoint of {@code target}
 * @param form the body of a POST, URL-encoded
 * @param patience for the head of the answer
 */
public record HttpCall(
    String method,
    URI target,
    Map<String, String> headers,
    Optional<String> form,
    Duration patience) {
  /** The header that never leaves its endpoint. */
  public static final String AUTHORIZATION = "Authorization";

  public HttpCall {
    headers = Map.copyOf(headers);
  }

  /** A request without a body. */
  public static HttpCall of(String method, URI target, Duration patience) {
    return new HttpCall(method, target, Map.of(), Optional.empty(), patience);
  }

  /** The same with one more header. */
  public HttpCall with(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new HttpCall(method, target, more, form, patience);
  }

  /** The same as a POST of a form. */
  public HttpCall posting(String encoded) {
    return new HttpCall("POST", target, headers, Optional.of(encoded), patience);
  }

  HttpCall redirected(URI other, boolean sameEndpoint) {
    var kept = new LinkedHashMap<>(headers);
    if (!sameEndpoint) {
      kept.keySet().removeIf(AUTHORIZATION::equalsIgnoreCase);
    }
    return new HttpCall(method, other, kept, form, patience);
  }

  byte[] bytes() {
    return form.orElse("").getBytes(StandardCharsets.UTF_8);
  }
}

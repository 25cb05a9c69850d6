package dev.layercache.server.http.wire;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One request. Used by the thread that handles it only. */
public final class Request {
  /** Most query parameters that are looked at; the request line bounds them too. */
  private static final int MAX_PARAMETERS = 512;

  private final HttpRequest head;
  private final String id;
  private final String path;
  private final String target;
  private final RequestBody body;
  private @Nullable Map<String, List<String>> query;

  Request(HttpRequest head, String id, RequestBody body) {
    this.head = head;
    this.id = id;
    this.body = body;
    this.target = originForm(head.uri());
    int mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.substring(0, mark);
  }

  /** Names the request in answers and logs. */
  public String id() {
    return id;
  }

  public HttpMethod method() {
    return head.method();
  }

  /** The target without its query, exactly as it was sent. */
  public String path() {
    return path;
  }

  /**
   * The first query parameter of this name, decoded.
   *
   * @throws IllegalArgumentException if the query has a malformed escape
   */
  public Optional<String> query(String name) {
    return queries(name).stream().findFirst();
  }

  /**
   * All query parameters of this name, decoded, in order.
   *
   * @throws IllegalArgumentException if the query has a malformed escape
   */
  public List<String> queries(String name) {
    var parsed = query;
    if (parsed == null) {
      parsed =
          target.length() == path.length()
              ? Map.of()
              : new QueryStringDecoder(target, StandardCharsets.UTF_8, true, MAX_PARAMETERS, true)
                  .parameters();
      query = parsed;
    }
    return parsed.getOrDefault(name, List.of());
  }

  /** The first header line of this name. */
  public Optional<String> header(CharSequence name) {
    return Optional.ofNullable(head.headers().get(name));
  }

  /** Bytes of the body as the client declared them; empty with chunked transfer encoding. */
  public OptionalLong contentLength() {
    return body.declaredLength();
  }

  /** The body; without bytes when there is none. */
  public RequestBody body() {
    return body;
  }

  HttpRequest head() {
    return head;
  }

  /** RFC 9112, 3.2.2: a server must accept the absolute form. */
  private static String originForm(String uri) {
    if (!uri.startsWith("http://") && !uri.startsWith("https://")) {
      return uri;
    }
    int slash = uri.indexOf('/', "https://".length());
    return slash < 0 ? "/" : uri.substring(slash);
  }
}

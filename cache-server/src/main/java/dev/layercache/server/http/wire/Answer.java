package dev.layercache.server.http.wire;

import dev.layercache.server.blob.BlobReader;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/**
 * What goes back to the client: status, headers, body. Made by one thread, sent once; the HTTP
 * layer adds {@code Content-Length}, {@code Connection}, {@code Date} and {@code X-Request-Id}.
 */
public final class Answer {
  private final HttpResponseStatus status;
  private final Body body;
  private final HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();

  private Answer(int status, Body body) {
    this.status = HttpResponseStatus.valueOf(status);
    this.body = body;
  }

  /** An answer without a body. */
  public static Answer of(int status) {
    return new Answer(status, Body.NOTHING);
  }

  /** An answer to HEAD: without a body, but with the length that GET would have. */
  public static Answer head(int status, long length) {
    return new Answer(status, new Body.Length(length));
  }

  /** An answer with a short body, which becomes the answer's. */
  public static Answer bytes(int status, String contentType, byte[] body) {
    return new Answer(status, new Body.Bytes(body)).with(HttpHeaderNames.CONTENT_TYPE, contentType);
  }

  /** An answer with a short text as its body. */
  public static Answer text(int status, String body) {
    return bytes(status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  /** An answer with all that remains of {@code reader}, which is closed once it was sent or not. */
  public static Answer blob(int status, BlobReader reader) {
    return new Answer(status, new Body.Blob(reader, reader.remaining()));
  }

  /**
   * Adds a header line.
   *
   * @throws IllegalArgumentException if the value has characters that no header may have
   */
  public Answer with(CharSequence name, Object value) {
    headers.add(name, value);
    return this;
  }

  HttpResponseStatus status() {
    return status;
  }

  HttpHeaders headers() {
    return headers;
  }

  Body body() {
    return body;
  }

  /** The same head, with the length but without the bytes: what HEAD gets. */
  Answer withoutBody() {
    if (body instanceof Body.Blob blob) {
      blob.reader().close();
    }
    var head = new Answer(status.code(), new Body.Length(body.length()));
    head.headers.set(headers);
    return head;
  }

  /** What follows the header. */
  sealed interface Body {
    Body NOTHING = new Length(0);

    /** Bytes, or what they would be. */
    long length();

    /** No bytes. */
    record Length(long length) implements Body {}

    /** A few bytes. */
    record Bytes(byte[] bytes) implements Body {
      @Override
      public long length() {
        return bytes.length;
      }
    }

    /** A blob, or a part of one. */
    record Blob(BlobReader reader, long length) implements Body {}
  }
}

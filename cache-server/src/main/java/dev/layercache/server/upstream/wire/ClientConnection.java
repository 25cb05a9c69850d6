package dev.layercache.server.upstream.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** A connection to an upstream. One request at a time, one thread at a time. */
final class ClientConnection implements AutoCloseable {
  private static final String USER_AGENT = "layercache";

  /** Most interim answers (1xx) before the real one. */
  private static final int MAX_INTERIM = 8;

  private final Endpoint endpoint;
  private final Channel channel;
  private final ResponseParts parts;

  ClientConnection(Endpoint endpoint, Channel channel, ResponseParts parts) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.parts = parts;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  ResponseParts parts() {
    return parts;
  }

  /** Whether another request can be sent. */
  boolean isIdle() {
    return channel.isActive() && parts.isQuiet();
  }

  /** Sends a request and waits for the head of its answer. */
  HttpResponse send(HttpCall call) throws IOException {
    channel.writeAndFlush(request(call));
    long deadline = System.nanoTime() + call.patience().toNanos();
    for (int i = 0; i < MAX_INTERIM; i++) {
      var part = parts.next(Duration.ofNanos(deadline - System.nanoTime()));
      if (part.decoderResult().isFailure() || !(part instanceof HttpResponse response)) {
        ReferenceCountUtil.release(part);
        throw new IOException(endpoint + " sent no HTTP answer");
      }
      if (response.status().code() >= 200) {
        return response;
      }
      while (!(part instanceof LastHttpContent)) {
        part = parts.next(Duration.ofNanos(deadline - System.nanoTime()));
        ReferenceCountUtil.release(part);
      }
    }
    throw new IOException(
        "%s sent %d interim answers (expected: an answer)".formatted(endpoint, MAX_INTERIM));
  }

  private DefaultFullHttpRequest request(HttpCall call) {
    byte[] body = call.bytes();
    var request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(call.method()),
            path(call.target()),
            Unpooled.wrappedBuffer(body));
    var headers = request.headers();
    call.headers().forEach(headers::set);
    headers.set(HttpHeaderNames.HOST, endpoint.authority());
    headers.set(HttpHeaderNames.USER_AGENT, USER_AGENT);
    if (call.form().isPresent()) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded");
      headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    }
    return request;
  }

  private static String path(URI target) {
    String path = target.getRawPath() == null ? "" : target.getRawPath();
    String query = target.getRawQuery();
    return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  /** Ends the connection; a thread that waits for a part of an answer gets an error. */
  @Override
  public void close() {
    channel.close();
    parts.abandon();
  }
}

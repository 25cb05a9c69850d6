package dev.layercache.server.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;

/** An answer with the headers that the HTTP layer adds. */
record AnswerHead(Answer answer) {

  static AnswerHead of(Answer answer, String requestId, String date, boolean keepAlive) {
    HttpHeaders headers = answer.headers();
    int status = answer.status().code();
    if (status != 204 && status != 304) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(answer.body().length()));
    }
    headers.set(HttpHeaderNames.DATE, date);
    headers.set("X-Request-Id", requestId);
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return new AnswerHead(answer);
  }

  /** With its short body, in one piece. */
  FullHttpResponse full() {
    return full(
        answer.body() instanceof Answer.Body.Bytes body
            ? Unpooled.wrappedBuffer(body.bytes())
            : Unpooled.EMPTY_BUFFER);
  }

  /** With {@code body}, which becomes the response's, in one piece. */
  FullHttpResponse full(ByteBuf body) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, answer.status(), body, answer.headers(), EmptyHttpHeaders.INSTANCE);
  }

  /** Without its body, which follows. */
  HttpResponse alone() {
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, answer.status(), answer.headers());
  }
}

package dev.layercache.server.http.wire;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Which requests the HTTP layer takes, whatever they ask for. */
final class RequestCheck {
  private RequestCheck() {}

  /** Why a request is refused, if it is. The connection ends then: what follows may be hostile. */
  static Optional<HttpRefusal> refusal(HttpRequest head) {
    if (head.decoderResult().isFailure()) {
      return Optional.of(undecodable(head.decoderResult().cause()));
    }
    var version = head.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      return refused(505, "version %s (expected: HTTP/1.1)".formatted(version));
    }
    List<String> hosts = head.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1 || (hosts.isEmpty() && version.equals(HttpVersion.HTTP_1_1))) {
      return refused(400, "%d Host headers (expected: one)".formatted(hosts.size()));
    }
    List<String> codings = head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty()) {
      if (head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
          || version.equals(HttpVersion.HTTP_1_0)) {
        return refused(
            400, "Transfer-Encoding with Content-Length or HTTP/1.0 (expected: only one length)");
      }
      if (codings.size() != 1
          || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0))) {
        return refused(501, "Transfer-Encoding: %s (expected: chunked)".formatted(codings));
      }
    }
    var expect = Optional.ofNullable(head.headers().get(HttpHeaderNames.EXPECT));
    if (expect.isPresent() && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect.get())) {
      return refused(417, "Expect: %s (expected: 100-continue)".formatted(expect.get()));
    }
    return Optional.empty();
  }

  private static HttpRefusal undecodable(Throwable cause) {
    return switch (cause) {
      case HttpRefusal refusal -> refusal;
      case TooLongHttpLineException e -> new HttpRefusal(414, "request line is too long");
      case TooLongHttpHeaderException e -> new HttpRefusal(431, "header is too long");
      default -> new HttpRefusal(400, "malformed request: " + cause.getMessage());
    };
  }

  private static Optional<HttpRefusal> refused(int status, String message) {
    return Optional.of(new HttpRefusal(status, message));
  }

  static boolean hasBody(HttpRequest head) {
    return HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0;
  }

  static OptionalLong contentLength(HttpRequest head) {
    long length = HttpUtil.getContentLength(head, -1L);
    return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
  }

  static boolean expectsContinue(HttpRequest head) {
    return HttpUtil.is100ContinueExpected(head);
  }

  /** HTTP/1.0 never does: its clients would need to be told. */
  static boolean keepsAlive(HttpRequest head) {
    return head.protocolVersion().equals(HttpVersion.HTTP_1_1) && HttpUtil.isKeepAlive(head);
  }
}

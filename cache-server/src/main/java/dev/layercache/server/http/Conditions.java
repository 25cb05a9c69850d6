package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.Request;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Optional;

/** Conditional requests (RFC 9110, 13). An entity tag is the digest in quotes. */
final class Conditions {
  private Conditions() {}

  static String entityTag(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  /** 304 when the client has this content already. */
  static Optional<Answer> notModified(Request request, Digest digest) {
    var known = request.header(HttpHeaderNames.IF_NONE_MATCH);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    String tag = entityTag(digest);
    for (String candidate : known.get().split(",")) {
      String trimmed = candidate.trim();
      if (trimmed.equals("*") || trimmed.equals(tag) || trimmed.equals("W/" + tag)) {
        return Optional.of(
            Answer.of(304)
                .with(HttpHeaderNames.ETAG, tag)
                .with("Docker-Content-Digest", digest.toString()));
      }
    }
    return Optional.empty();
  }

  /** The range that is asked for, unless {@code If-Range} means another content. */
  static Optional<String> range(Request request, Digest digest) {
    var range = request.header(HttpHeaderNames.RANGE);
    var only = request.header(HttpHeaderNames.IF_RANGE);
    return only.isPresent() && !only.get().trim().equals(entityTag(digest))
        ? Optional.empty()
        : range;
  }
}

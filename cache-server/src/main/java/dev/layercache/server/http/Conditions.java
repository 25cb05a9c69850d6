package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.Request;
import dev.layercache.server.image.PutCondition;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

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

  /**
   * What a PUT asks to hold before.
   *
   * @throws RegistryException 400 if that is no list of entity tags as {@link #entityTag} makes
   *     them, or {@code *}
   */
  static PutCondition ofPut(Request request) throws RegistryException {
    var match = request.header(HttpHeaderNames.IF_MATCH);
    var noneMatch = request.header(HttpHeaderNames.IF_NONE_MATCH);
    if (match.isPresent() && noneMatch.isPresent()) {
      throw malformed("If-Match and If-None-Match", "one of them");
    }
    if (match.isPresent()) {
      return match.get().trim().equals("*")
          ? new PutCondition.Present()
          : new PutCondition.OneOf(digests(match.get()));
    }
    if (noneMatch.isPresent()) {
      return noneMatch.get().trim().equals("*")
          ? new PutCondition.Absent()
          : new PutCondition.NoneOf(digests(noneMatch.get()));
    }
    return PutCondition.NONE;
  }

  private static Set<Digest> digests(String entityTags) throws RegistryException {
    var digests = new HashSet<Digest>();
    for (String tag : entityTags.split(",")) {
      String trimmed = tag.trim();
      if (trimmed.length() < 2 || !trimmed.startsWith("\"") || !trimmed.endsWith("\"")) {
        throw malformed("entity tag " + trimmed, "a digest in quotes, or *");
      }
      digests.add(RoutePath.digest(trimmed.substring(1, trimmed.length() - 1)));
    }
    return digests;
  }

  private static RegistryException malformed(String given, String expected) {
    return new RegistryException(
        400, ErrorCode.UNSUPPORTED, "%s (expected: %s)".formatted(given, expected));
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

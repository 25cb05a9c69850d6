package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.Request;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.StoredManifest;
import dev.layercache.server.mirror.Content;
import dev.layercache.server.mirror.Found.Stale;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Manifests by tag and digest (OCI distribution-spec, "Pulling manifests", "Pushing Manifests",
 * "Deleting tags", "Deleting Manifests").
 */
final class Manifests {
  private final Content content;
  private final Images images;

  Manifests(Content content, Images images) {
    this.content = content;
    this.images = images;
  }

  Answer head(Route.Manifest at, Request request) throws IOException {
    var found = content.resolve(at.repository(), at.reference()).orElseThrow(() -> unknown(at));
    var descriptor = found.value().descriptor();
    var known = Conditions.notModified(request, descriptor.digest());
    return known.isPresent()
        ? known.get()
        : described(Answer.head(200, descriptor.size()), found.value(), found.stale())
            .with(HttpHeaderNames.CONTENT_TYPE, descriptor.mediaType());
  }

  Answer get(Route.Manifest at, Request request) throws IOException {
    var found = content.get(at.repository(), at.reference()).orElseThrow(() -> unknown(at));
    var manifest = found.value().manifest();
    var known = Conditions.notModified(request, manifest.descriptor().digest());
    return known.isPresent()
        ? known.get()
        : described(
            Answer.bytes(200, manifest.descriptor().mediaType(), found.value().bytes()),
            manifest,
            found.stale());
  }

  /** Says how old it is when its origin could not be asked (RFC 7234, 5.1 and 5.5.2). */
  private static Answer described(Answer answer, StoredManifest manifest, Optional<Stale> stale) {
    stale.ifPresent(
        old ->
            answer
                .with(HttpHeaderNames.AGE, old.age().toSeconds())
                .with(HttpHeaderNames.WARNING, "111 layercache \"Revalidation Failed\""));
    Digest digest = manifest.descriptor().digest();
    return answer
        .with(HttpHeaderNames.ETAG, Conditions.entityTag(digest))
        .with("Docker-Content-Digest", digest.toString());
  }

  Answer put(Route.Manifest at, Request request) throws IOException {
    List<String> tags = at.digest().isPresent() ? request.queries("tag") : List.of(at.reference());
    if (tags.size() > Images.MAX_TAGS_PER_PUT) {
      throw new RegistryException(
          414,
          ErrorCode.MANIFEST_INVALID,
          "%d tags (expected: at most %d)".formatted(tags.size(), Images.MAX_TAGS_PER_PUT));
    }
    byte[] bytes = request.body().readAll(ManifestParser.MAX_BYTES);
    var stored =
        images.put(
            at.repository(),
            at.digest(),
            tags,
            bytes,
            mediaType(request),
            Conditions.ofPut(request));
    Digest digest = stored.descriptor().digest();
    var answer =
        Answer.of(201)
            .with(HttpHeaderNames.LOCATION, "/v2/" + at.repository() + "/manifests/" + digest)
            .with("Docker-Content-Digest", digest.toString());
    stored.subject().ifPresent(subject -> answer.with("OCI-Subject", subject.toString()));
    if (at.digest().isPresent()) {
      tags.forEach(tag -> answer.with("OCI-Tag", tag));
    }
    return answer;
  }

  Answer delete(Route.Manifest at) throws IOException {
    boolean deleted =
        at.digest().isPresent()
            ? images.deleteManifest(at.repository(), at.digest().get())
            : images.deleteTag(at.repository(), at.reference());
    if (!deleted) {
      throw unknown(at);
    }
    return Answer.of(202);
  }

  /** Without parameters, which are to be ignored. */
  private static String mediaType(Request request) {
    Optional<String> given = request.header(HttpHeaderNames.CONTENT_TYPE);
    return given.map(type -> type.split(";", 2)[0].trim()).orElse("");
  }

  private static RegistryException unknown(Route.Manifest at) {
    return new RegistryException(
        404,
        ErrorCode.MANIFEST_UNKNOWN,
        "manifest %s is not in repository %s".formatted(at.reference(), at.repository()));
  }
}

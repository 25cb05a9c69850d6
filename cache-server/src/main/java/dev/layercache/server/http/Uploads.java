package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.Request;
import dev.layercache.server.image.Images;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Pushing blobs (OCI distribution-spec, "Pushing blobs", "Cancel a blob upload", "Mounting a
 * blob"). A session is an upload of the store and nothing else: whatever breaks off, the store has
 * the bytes and knows where to go on.
 */
final class Uploads {
  private final BlobStore blobs;
  private final Images images;

  Uploads(BlobStore blobs, Images images) {
    this.blobs = blobs;
    this.images = images;
  }

  Answer post(String repository, Request request) throws IOException {
    requireAlgorithm(request);
    var mount = optionalDigest(request, "mount");
    if (mount.isPresent() && mount(repository, mount.get(), request)) {
      return created(repository, mount.get());
    }
    var digest = optionalDigest(request, "digest");
    return digest.isPresent() ? whole(repository, digest.get(), request) : begin(repository);
  }

  /** Mounts what the store has, from wherever, unless it was deleted in the repository named. */
  private boolean mount(String repository, Digest digest, Request request) throws IOException {
    var from = request.query("from");
    if (from.isPresent() && images.isDeleted(RoutePath.repository(from.get()), digest)) {
      return false;
    }
    if (!blobs.findMissing(Set.of(digest)).isEmpty()) {
      return false;
    }
    images.restoreBlob(repository, digest);
    return true;
  }

  private Answer begin(String repository) throws IOException {
    try (var upload = blobs.begin(UploadHint.NONE.withId(UploadPath.newId(repository)))) {
      return session(202, upload.id(), UploadPath.begun(repository, upload.id()), 0);
    }
  }

  /** The whole blob in the POST. Nothing is left of it when it fails: nobody knows its session. */
  private Answer whole(String repository, Digest digest, Request request) throws IOException {
    var hint =
        new UploadHint(
            Optional.of(UploadPath.newId(repository)),
            Optional.of(digest),
            request.contentLength());
    try (var upload = blobs.begin(hint)) {
      try {
        request.body().transferTo(upload);
        upload.commit(digest);
      } catch (IOException e) {
        upload.abort();
        throw e;
      }
    }
    images.restoreBlob(repository, digest);
    return created(repository, digest);
  }

  Answer status(Route.Upload at) throws IOException {
    var id = id(at);
    var status = blobs.status(id).orElseThrow(() -> unknown(at));
    String location = UploadPath.continued(at.repository(), id);
    return session(204, id, location, status.position());
  }

  Answer cancel(Route.Upload at) throws IOException {
    try (var upload = resume(at)) {
      upload.abort();
    }
    return Answer.of(204);
  }

  Answer patch(Route.Upload at, Request request) throws IOException {
    var range = requireNext(at, request);
    try (var upload = resume(at)) {
      append(upload, range, request);
      String location = UploadPath.continued(at.repository(), upload.id());
      return session(202, upload.id(), location, upload.position());
    }
  }

  Answer put(Route.Upload at, Request request) throws IOException {
    var digest =
        optionalDigest(request, "digest")
            .orElseThrow(
                () ->
                    new RegistryException(
                        400,
                        ErrorCode.DIGEST_INVALID,
                        "no digest (expected: ?digest=ALGORITHM:HEX of the whole blob)"));
    var range = requireNext(at, request);
    try (var upload = isStartedOver(range, request) ? startOver(at, digest) : resume(at)) {
      append(upload, range, request);
      upload.commit(digest);
    }
    images.restoreBlob(at.repository(), digest);
    return created(at.repository(), digest);
  }

  /** A PUT of everything, on the location of the POST, after an earlier one broke off. */
  private static boolean isStartedOver(Optional<ContentRange> range, Request request) {
    return range.isEmpty()
        && !UploadPath.isContinued(request)
        && request.contentLength().orElse(1) > 0;
  }

  private BlobUpload startOver(Route.Upload at, Digest digest) throws IOException {
    var id = id(at);
    var status = blobs.status(id).orElseThrow(() -> unknown(at));
    if (status.position() == 0) {
      return resume(at);
    }
    return blobs.begin(new UploadHint(Optional.of(id), Optional.of(digest), OptionalLong.empty()));
  }

  /**
   * The chunk that is announced, if one is. Looks before it takes the session over: a chunk that is
   * out of order must not disturb the client that is sending the right one.
   */
  private Optional<ContentRange> requireNext(Route.Upload at, Request request) throws IOException {
    var header = request.header(HttpHeaderNames.CONTENT_RANGE);
    if (header.isEmpty()) {
      return Optional.empty();
    }
    var range = ContentRange.parse(header.get());
    long declared = request.contentLength().orElse(range.length());
    if (declared != range.length()) {
      throw wrongLength(range, declared);
    }
    var id = id(at);
    long position = blobs.status(id).orElseThrow(() -> unknown(at)).position();
    if (position != range.first()) {
      throw outOfOrder(at.repository(), id, range, position);
    }
    return Optional.of(range);
  }

  private static void append(BlobUpload upload, Optional<ContentRange> range, Request request)
      throws IOException {
    long length = request.body().transferTo(upload);
    if (range.isPresent() && range.get().length() != length) {
      throw wrongLength(range.get(), length);
    }
  }

  private BlobUpload resume(Route.Upload at) throws IOException {
    return blobs.resume(id(at)).orElseThrow(() -> unknown(at));
  }

  private static UploadId id(Route.Upload at) throws RegistryException {
    return UploadPath.id(at).orElseThrow(() -> unknown(at));
  }

  private static Answer session(int status, UploadId id, String location, long position) {
    return Answer.of(status)
        .with(HttpHeaderNames.LOCATION, location)
        .with(HttpHeaderNames.RANGE, received(position))
        .with("Docker-Upload-UUID", id);
  }

  /** Docker takes {@code 0-0} for nothing, and does not understand {@code 0--1}. */
  private static String received(long position) {
    return "0-" + Math.max(0, position - 1);
  }

  private static Answer created(String repository, Digest digest) {
    return Answer.of(201)
        .with(HttpHeaderNames.LOCATION, new Route.Blob(repository, digest).path())
        .with("Docker-Content-Digest", digest.toString());
  }

  private static Optional<Digest> optionalDigest(Request request, String parameter)
      throws RegistryException {
    var text = request.query(parameter);
    return text.isEmpty() ? Optional.empty() : Optional.of(RoutePath.digest(text.get()));
  }

  /** The digest itself comes at the end and says the same; here only the unknown is refused. */
  private static void requireAlgorithm(Request request) throws RegistryException {
    var algorithm = request.query("digest-algorithm");
    if (algorithm.isPresent() && DigestAlgorithm.byPrefix(algorithm.get()).isEmpty()) {
      throw new RegistryException(
          400,
          ErrorCode.DIGEST_INVALID,
          "digest-algorithm: %s (expected: sha256 or sha512)".formatted(algorithm.get()));
    }
  }

  private static RegistryException outOfOrder(
      String repository, UploadId id, ContentRange range, long position) {
    return new RegistryException(
            416,
            ErrorCode.BLOB_UPLOAD_INVALID,
            "chunk %d-%d (expected: one that starts at %d)"
                .formatted(range.first(), range.last(), position))
        .with("Location", UploadPath.continued(repository, id))
        .with("Range", received(position))
        .with("Docker-Upload-UUID", id.value());
  }

  private static RegistryException wrongLength(ContentRange range, long length) {
    return new RegistryException(
        400,
        ErrorCode.SIZE_INVALID,
        "chunk of %d bytes (expected: %d, as its Content-Range says)"
            .formatted(length, range.length()));
  }

  private static RegistryException unknown(Route.Upload at) {
    return new RegistryException(
        404,
        ErrorCode.BLOB_UPLOAD_UNKNOWN,
        "no such upload in repository %s: never begun, ended, or expired"
            .formatted(at.repository()));
  }
}

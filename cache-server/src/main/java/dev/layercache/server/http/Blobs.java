package dev.layercache.server.http;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.Request;
import dev.layercache.server.image.Images;
import dev.layercache.server.mirror.Content;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.util.Optional;

/** Pulling and deleting blobs (OCI distribution-spec, "Pulling blobs", "Deleting Blobs"). */
final class Blobs {
  private static final String OCTETS = "application/octet-stream";

  private final Content content;
  private final Images images;

  Blobs(Content content, Images images) {
    this.content = content;
    this.images = images;
  }

  Answer head(Route.Blob blob, Request request) throws IOException {
    var info = find(blob);
    var known = Conditions.notModified(request, blob.digest());
    return known.isPresent() ? known.get() : described(Answer.head(200, info.size()), blob);
  }

  Answer get(Route.Blob blob, Request request) throws IOException {
    var wanted = Conditions.range(request, blob.digest());
    if (wanted.isEmpty()) {
      requireNotDeleted(blob);
      var known = Conditions.notModified(request, blob.digest());
      return known.isPresent() ? known.get() : open(blob, 200, ByteRange.ALL);
    }
    long size = find(blob).size();
    var known = Conditions.notModified(request, blob.digest());
    if (known.isPresent()) {
      return known.get();
    }
    Optional<ByteRange> range = RangeHeader.parse(wanted.get(), size);
    if (range.isEmpty()) {
      return open(blob, 200, ByteRange.ALL);
    }
    long first = range.get().offset();
    long last = first + range.get().length() - 1;
    return open(blob, 206, range.get())
        .with(HttpHeaderNames.CONTENT_RANGE, "bytes %d-%d/%d".formatted(first, last, size));
  }

  private Answer open(Route.Blob blob, int status, ByteRange range) throws IOException {
    var reader =
        content.open(blob.repository(), blob.digest(), range).orElseThrow(() -> unknown(blob));
    return described(Answer.blob(status, reader), blob);
  }

  Answer delete(Route.Blob blob) throws IOException {
    if (!images.deleteBlob(blob.repository(), blob.digest())) {
      throw unknown(blob);
    }
    return Answer.of(202);
  }

  private BlobInfo find(Route.Blob blob) throws IOException {
    requireNotDeleted(blob);
    return content.stat(blob.repository(), blob.digest()).orElseThrow(() -> unknown(blob));
  }

  private void requireNotDeleted(Route.Blob blob) throws IOException {
    if (images.isDeleted(blob.repository(), blob.digest())) {
      throw unknown(blob);
    }
  }

  private static Answer described(Answer answer, Route.Blob blob) {
    return answer
        .with(HttpHeaderNames.CONTENT_TYPE, OCTETS)
        .with(HttpHeaderNames.ACCEPT_RANGES, "bytes")
        .with(HttpHeaderNames.ETAG, Conditions.entityTag(blob.digest()))
        .with("Docker-Content-Digest", blob.digest().toString());
  }

  private static RegistryException unknown(Route.Blob blob) {
    return new RegistryException(
        404,
        ErrorCode.BLOB_UNKNOWN,
        "blob %s is not in repository %s".formatted(blob.digest(), blob.repository()));
  }
}

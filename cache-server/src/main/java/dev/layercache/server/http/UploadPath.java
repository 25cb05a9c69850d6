package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.http.wire.Request;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * Upload sessions in URLs. The id is {@code UUID.SCOPE}: the scope is a hash of the repository, so
 * that a session is good in the repository where it was begun only, and ids of other doors are not
 * sessions here.
 *
 * <p>A location that was given out once the session had begun says so in a query parameter. That
 * tells a PUT which continues from one that starts over on the location of the POST, as
 * containerd's does after a broken connection.
 */
final class UploadPath {
  private static final String CONTINUED = "continued";
  private static final int SCOPE_CHARACTERS = 16;

  private UploadPath() {}

  static UploadId newId(String repository) {
    return new UploadId(UUID.randomUUID() + "." + scope(repository));
  }

  /** The session that a URL names; empty when no session of this repository can have that name. */
  static Optional<UploadId> id(Route.Upload upload) {
    return UploadId.isValid(upload.id()) && upload.id().endsWith("." + scope(upload.repository()))
        ? Optional.of(new UploadId(upload.id()))
        : Optional.empty();
  }

  static String begun(String repository, UploadId id) {
    return "/v2/" + repository + "/blobs/uploads/" + id;
  }

  static String continued(String repository, UploadId id) {
    return begun(repository, id) + '?' + CONTINUED + "=1";
  }

  static boolean isContinued(Request request) {
    return request.query(CONTINUED).isPresent();
  }

  private static String scope(String repository) {
    return Digest.of(repository.getBytes(StandardCharsets.UTF_8))
        .hex()
        .substring(0, SCOPE_CHARACTERS);
  }
}

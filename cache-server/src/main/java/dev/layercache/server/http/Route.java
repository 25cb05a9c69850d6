package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import java.util.Optional;

/** A place in the API, with what its path names (OCI distribution-spec, "Endpoints"). */
sealed interface Route {
  /** {@code /v2/}: whether this is a registry. */
  record Base() implements Route {}

  /** {@code /healthz} and {@code /readyz}. */
  record Health() implements Route {}

  /** {@code /v2/_catalog}. */
  record Catalog() implements Route {}

  /** {@code /v2/<name>/tags/list}. */
  record Tags(String repository) implements Route {}

  /** {@code /v2/<name>/referrers/<digest>}. */
  record Referrers(String repository, Digest subject) implements Route {}

  /** {@code /v2/<name>/manifests/<tag-or-digest>}; {@code digest} is there unless it is a tag. */
  record Manifest(String repository, String reference, Optional<Digest> digest) implements Route {}

  /** {@code /v2/<name>/blobs/<digest>}. */
  record Blob(String repository, Digest digest) implements Route {
    String path() {
      return "/v2/" + repository + "/blobs/" + digest;
    }
  }

  /** {@code /v2/<name>/blobs/uploads/}. */
  record Uploads(String repository) implements Route {}

  /** {@code /v2/<name>/blobs/uploads/<id>}. */
  record Upload(String repository, String id) implements Route {}
}

package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import java.util.Optional;

/** A place in the API, with what its path names (OCI distribution-spec, "Endpoints"). */
sealed interface Route {

  /** A place in a repository. */
  sealed interface InRepository extends Route {
    String repository();

    /** The same place in another repository. */
    InRepository in(String other);
  }

  /** {@code /v2/}: whether this is a registry. */
  record Base() implements Route {}

  /** {@code /healthz} and {@code /readyz}. */
  record Health() implements Route {}

  /** {@code /v2/_catalog}. */
  record Catalog() implements Route {}

  /** {@code /v2/<name>/tags/list}. */
  record Tags(String repository) implements InRepository {
    @Override
    public Tags in(String other) {
      return new Tags(other);
    }
  }

  /** {@code /v2/<name>/referrers/<digest>}. */
  record Referrers(String repository, Digest subject) implements InRepository {
    @Override
    public Referrers in(String other) {
      return new Referrers(other, subject);
    }
  }

  /** {@code /v2/<name>/manifests/<tag-or-digest>}; {@code digest} is there unless it is a tag. */
  record Manifest(String repository, String reference, Optional<Digest> digest)
      implements InRepository {
    @Override
    public Manifest in(String other) {
      return new Manifest(other, reference, digest);
    }
  }

  /** {@code /v2/<name>/blobs/<digest>}. */
  record Blob(String repository, Digest digest) implements InRepository {
    @Override
    public Blob in(String other) {
      return new Blob(other, digest);
    }

    String path() {
      return "/v2/" + repository + "/blobs/" + digest;
    }
  }

  /** {@code /v2/<name>/blobs/uploads/}. */
  record Uploads(String repository) implements InRepository {
    @Override
    public Uploads in(String other) {
      return new Uploads(other);
    }
  }

  /** {@code /v2/<name>/blobs/uploads/<id>}. */
  record Upload(String repository, String id) implements InRepository {
    @Override
    public Upload in(String other) {
      return new Upload(other, id);
    }
  }
}

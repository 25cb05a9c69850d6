package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.util.Optional;

/** A {@link PutCondition} does not hold; nothing was changed. */
public final class ConditionFailedException extends IOException {
  private static final long serialVersionUID = 1;

  ConditionFailedException(String reference, Optional<Digest> current) {
    super(
        "%s %s (expected: what the request's condition says)"
            .formatted(
                reference, current.map(digest -> "points to " + digest).orElse("does not exist")));
  }
}

package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import java.io.IOException;

/** A tag that must stay where it is was to be moved or removed; nothing was changed. */
public final class ImmutableTagException extends IOException {
  private static final long serialVersionUID = 1;

  ImmutableTagException(String repository, String tag, Digest manifest) {
    super(
        "tag %s:%s points to %s and is immutable by the retention rules (expected: another tag)"
            .formatted(repository, tag, manifest));
  }
}

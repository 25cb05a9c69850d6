package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold for a manifest to be put: of each tag that would move, or of the manifest itself
 * when none does. Lets two clients that update one tag notice each other (RFC 9110, 13.1).
 */
public sealed interface PutCondition {
  PutCondition NONE = new NoneOf(Set.of());

  /** It points to something, whatever that is. */
  record Present() implements PutCondition {}

  /** It does not exist. */
  record Absent() implements PutCondition {}

  /** It points to one of these. */
  record OneOf(Set<Digest> digests) implements PutCondition {
    public OneOf {
      digests = Set.copyOf(digests);
    }
  }

  /** It points to none of these, or does not exist. */
  record NoneOf(Set<Digest> digests) implements PutCondition {
    public NoneOf {
      digests = Set.copyOf(digests);
    }
  }

  /** Whether it holds of something that points to {@code current}; empty when it does not exist. */
  default boolean holds(Optional<Digest> current) {
    return switch (this) {
      case Present c -> current.isPresent();
      case Absent c -> current.isEmpty();
      case OneOf c -> current.filter(c.digests()::contains).isPresent();
      case NoneOf c -> current.filter(c.digests()::contains).isEmpty();
    };
  }
}

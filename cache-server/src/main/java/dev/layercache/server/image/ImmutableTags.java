package dev.layercache.server.image;

/** Which tags must stay where they are. Thread-safe; answers at once. */
@FunctionalInterface
public interface ImmutableTags {
  /** All tags may be moved and removed. */
  ImmutableTags NONE = (repository, tag) -> false;

  /** Whether a tag, once pushed, can neither be moved nor removed. */
  boolean isImmutable(String repository, String tag);
}

package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.util.List;

/**
 * Which repositories are copies of somewhere else: they take no pushes, and what is not stored of
 * their images can be had from there. Thread-safe; answers at once.
 */
public interface CopiedRepositories {
  /** There are none. */
  CopiedRepositories NONE =
      new CopiedRepositories() {
        @Override
        public boolean isCopy(String repository) {
          return false;
        }

        @Override
        public boolean canFill(String repository) {
          return false;
        }
      };

  /** Whether a repository is a copy. */
  boolean isCopy(String repository);

  /** Whether a repository is a copy, and what it is a copy of is expected to answer. */
  boolean canFill(String repository);

  /**
   * Hands a manifest that a client puts into a copy to what it is a copy of.
   *
   * @param digest of the bytes
   * @throws IllegalArgumentException if that takes no pushes from here
   * @throws IOException if it did not take it; nothing is stored here then
   */
  default void push(
      String repository, Digest digest, List<String> tags, byte[] manifest, String mediaType)
      throws IOException {
    throw new IllegalArgumentException(
        "repository %s is a copy and takes no pushes (expected: one that no upstream has)"
            .formatted(repository));
  }
}

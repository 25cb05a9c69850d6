package dev.layercache.server.image;

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
}

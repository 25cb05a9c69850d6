package dev.layercache.server.mirror;

import dev.layercache.server.image.CopiedRepositories;
import java.io.IOException;
import java.util.Optional;

/** Which repositories are copies, and of what. Thread-safe; answers at once. */
public interface Origins extends CopiedRepositories {

  /** No repository is a copy. */
  Origins NONE =
      new Origins() {
        @Override
        public Optional<OriginRepository> of(String repository) {
          return Optional.empty();
        }

        @Override
        public Optional<String> locate(Asked asked) {
          return Optional.of(asked.name());
        }
      };

  /** Where a repository's content comes from; empty when nothing but a push brings it. */
  Optional<OriginRepository> of(String repository);

  /**
   * The repository that a client means.
   *
   * @return a repository of this server; empty when the client means one of a registry that is not
   *     mirrored here
   */
  Optional<String> locate(Asked asked) throws IOException;

  @Override
  default boolean isCopy(String repository) {
    return of(repository).isPresent();
  }

  @Override
  default boolean canFill(String repository) {
    return of(repository).map(OriginRepository::isAvailable).orElse(false);
  }

  /**
   * What a client says of a repository.
   *
   * @param name as it stands in the path
   * @param registry that the client believes to talk to, where it says so ({@code ns})
   * @param purpose what it wants there
   * @param stored tells which repositories have a manifest here
   */
  record Asked(String name, Optional<String> registry, Purpose purpose, Stored stored) {}

  /** What a client wants in a repository. */
  enum Purpose {
    /** To read a manifest. */
    MANIFEST,
    /** To read a blob. */
    BLOB,
    /** Something else: to push, to delete, to list. */
    OTHER
  }

  /** Whether a repository has a manifest here. */
  interface Stored {
    boolean test(String repository) throws IOException;
  }
}

package dev.layercache.server.image;

import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/**
 * Keeps removals, which read before they write, apart from other changes of the same repository.
 * Additions are blind batches and run side by side. Readers take no lock.
 */
final class RepositoryLocks {
  /** Repositories that share a lock only wait for each other. */
  private static final int STRIPES = 256;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ReentrantReadWriteLock[] stripes =
      IntStream.range(0, STRIPES)
          .mapToObj(stripe -> new ReentrantReadWriteLock())
          .toArray(ReentrantReadWriteLock[]::new);

  /** Something that changes a repository. */
  interface Action<T> {
    T run() throws IOException;
  }

  /** Runs {@code action} while nothing is removed from the repository. */
  <T> T adding(String repository, Action<T> action) throws IOException {
    return holding(stripe(repository).readLock(), repository, action);
  }

  /** Runs {@code action}, which may read before it writes, while nobody else changes it. */
  <T> T removing(String repository, Action<T> action) throws IOException {
    return holding(stripe(repository).writeLock(), repository, action);
  }

  private ReentrantReadWriteLock stripe(String repository) {
    return stripes[Math.floorMod(repository.hashCode(), STRIPES)];
  }

  private static <T> T holding(Lock lock, String repository, Action<T> action) throws IOException {
    try {
      if (!lock.tryLock(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new UnavailableException(
            "repository %s is busy: waited %d s".formatted(repository, PATIENCE.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting for " + repository, e);
    }
    try {
      return action.run();
    } finally {
      lock.unlock();
    }
  }
}

package dev.layercache.server.mirror;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Does the same thing once for all who want it at the same time. Thread-safe. What is done has a
 * deadline of its own, and so does the wait for it.
 */
final class SingleFlight<K, V> {
  /** What is done. */
  interface Work<V> {
    V run() throws IOException;
  }

  private final ConcurrentHashMap<K, CompletableFuture<V>> running = new ConcurrentHashMap<>();

  /**
   * Runs {@code work}, or waits for whoever runs it for the same key.
   *
   * @throws IOException what {@code work} threw; all who waited get it
   */
  V run(K key, Work<V> work) throws IOException {
    var mine = new CompletableFuture<V>();
    var other = running.putIfAbsent(key, mine);
    if (other != null) {
      return await(other);
    }
    try {
      V result = work.run();
      mine.complete(result);
      return result;
    } catch (IOException | RuntimeException | Error e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      running.remove(key, mine);
    }
  }

  private static <V> V await(CompletableFuture<V> other) throws IOException {
    try {
      return other.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while another request asks the same", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException runtime -> throw runtime;
        case null, default -> throw new IOException(e);
      }
    }
  }
}

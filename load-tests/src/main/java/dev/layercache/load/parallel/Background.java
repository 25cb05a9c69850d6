package dev.layercache.load.parallel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work that goes round and round beside a measurement. Not thread-safe. */
public final class Background {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> running = new ArrayList<>();
  private volatile boolean stopping;

  /** One round. */
  @FunctionalInterface
  public interface Round {
    void run() throws IOException, InterruptedException;
  }

  /** Starts one more thread that repeats {@code round}. */
  public void start(Round round) {
    running.add(
        threads.submit(
            () -> {
              while (!stopping) {
                round.run();
              }
              return null;
            }));
  }

  /**
   * Lets every thread end its round.
   *
   * @throws IOException if a round failed: what was measured beside it was not what it should be
   */
  public void stop() throws IOException, InterruptedException {
    stopping = true;
    threads.shutdown();
    for (var one : running) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new IOException("the load in the background failed: " + e.getCause(), e);
      }
    }
  }
}

package dev.layercache.server.blob;

import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a task on several virtual threads and fails when one of them does. */
public final class Concurrently {
  private static final int DEADLINE_SECONDS = 60;

  private Concurrently() {}

  /** What each thread does; {@code number} counts from 0. */
  @FunctionalInterface
  public interface Task {
    void run(int number) throws Exception;
  }

  /** Returns when all are done; throws what the first failed one threw. */
  public static void run(int threads, Task task) throws Exception {
    var futures = new ArrayList<Future<Void>>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < threads; i++) {
        int number = i;
        Callable<Void> call =
            () -> {
              task.run(number);
              return null;
            };
        futures.add(executor.submit(call));
      }
      try {
        for (var future : futures) {
          get(future);
        }
      } finally {
        executor.shutdownNow();
      }
    }
  }

  /** Its result; throws what it threw, or after a minute. */
  public static <T> T get(Future<T> future) throws Exception {
    try {
      return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("a concurrent task failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("not done after " + DEADLINE_SECONDS + " s", e);
    }
  }
}

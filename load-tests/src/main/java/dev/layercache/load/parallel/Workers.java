package dev.layercache.load.parallel;

import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/** A number of threads that share a list of tasks. */
public final class Workers {
  private Workers() {}

  /** One task. */
  @FunctionalInterface
  public interface Task<T> {
    /**
     * @param worker from 0
     * @return payload bytes moved
     */
    long run(int worker, T item) throws IOException, InterruptedException;
  }

  /**
   * Runs the task for every item.
   *
   * @throws IOException if a task failed; the others end with the item that they are at
   */
  public static <T> Load run(int workers, List<T> items, Task<T> task)
      throws IOException, InterruptedException {
    var queue = new ConcurrentLinkedQueue<>(items);
    var payload = new LongAdder();
    var latencies = new Latencies();
    var start = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(workers)) {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < workers; i++) {
        int worker = i;
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  for (var item = queue.poll(); item != null; item = queue.poll()) {
                    long begin = System.nanoTime();
                    payload.add(task.run(worker, item));
                    latencies.recordNanos(System.nanoTime() - begin);
                  }
                  return null;
                }));
      }
      long begin = System.nanoTime();
      start.countDown();
      for (var one : running) {
        await(one, queue);
      }
      var elapsed = Duration.ofNanos(System.nanoTime() - begin);
      return new Load(latencies.count(), payload.sum(), 0, elapsed, latencies);
    }
  }

  private static void await(Future<?> future, ConcurrentLinkedQueue<?> queue)
      throws IOException, InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      queue.clear();
      throw new IOException("a worker failed: " + e.getCause(), e);
    }
  }
}

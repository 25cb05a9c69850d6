package dev.layercache.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Handles items side by side, on threads that end with it. The first failure, or an interrupt of
 * the caller, interrupts the others and is thrown once all have ended.
 */
final class ParallelTransfers<T> {
  private final Queue<T> waiting;
  private final Task<T> task;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();

  private ParallelTransfers(List<T> items, Task<T> task) {
    this.waiting = new ConcurrentLinkedQueue<>(items);
    this.task = task;
  }

  /** What is done with an item. */
  @FunctionalInterface
  interface Task<T> {
    void handle(T item) throws IOException;
  }

  /** Handles every item, at most {@code parallel} at a time, beginning in the order given. */
  static <T> void forEach(List<T> items, int parallel, Task<T> task) throws IOException {
    int wanted = Math.min(parallel, items.size());
    if (wanted <= 1) {
      for (T item : items) {
        task.handle(item);
      }
      return;
    }
    new ParallelTransfers<>(items, task).run(wanted);
  }

  private void run(int wanted) throws IOException {
    for (int i = 0; i < wanted; i++) {
      var thread = new Thread(this::work, "layercache-transfer-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    joinAll();
    Throwable thrown = failure.get();
    if (thrown instanceof IOException e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  private void work() {
    try {
      T item;
      while (failure.get() == null && (item = waiting.poll()) != null) {
        task.handle(item);
      }
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    }
  }

  private void fail(Throwable thrown) {
    if (failure.compareAndSet(null, thrown)) {
      threads.forEach(Thread::interrupt);
    }
  }

  private void joinAll() {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          fail(
              new LayercacheException(
                  LayercacheException.Kind.CANCELLED, "interrupted during a transfer", e));
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

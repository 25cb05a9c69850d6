package dev.layercache.server.store;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Waiting for what still runs when the store closes. A native call must not outlive the database,
 * so whoever cannot be waited for keeps the database open: {@link RocksStore#close}.
 */
final class Shutdown {
  /** Longer than any call is let wait, so that only a disk that hangs gets here. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private Shutdown() {}

  /** Something to wait for. */
  @FunctionalInterface
  interface Wait {
    /** Whether it ended within {@code nanos}. */
    boolean ended(long nanos) throws InterruptedException;
  }

  /**
   * Waits at most {@link #PATIENCE}, interrupted or not; an interrupt is kept for the caller.
   *
   * @throws TimeoutException naming {@code what} still runs
   */
  static void await(String what, Wait wait) throws TimeoutException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (wait.ended(Math.max(0, deadline - System.nanoTime()))) {
            return;
          }
          throw new TimeoutException(
              "%s still runs after %d s".formatted(what, PATIENCE.toSeconds()));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for a thread to end. */
  static void join(Thread thread) throws TimeoutException {
    await(thread.getName(), nanos -> thread.join(Duration.ofNanos(nanos)));
  }
}

package dev.layercache.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a transfer clean up when the process is told to end (Ctrl-C, SIGTERM): cancels it, and keeps
 * the process alive, for some seconds at most, until this is closed.
 */
public final class CancelOnShutdown implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;

  /**
   * @param cancel makes the command's thread come back soon; called from another thread
   */
  public CancelOnShutdown(Runnable cancel) {
    hook = new Thread(() -> cancelAndWait(cancel), "layercache-cancel");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void cancelAndWait(Runnable cancel) {
    cancel.run();
    try {
      closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook is what let us come here.
    }
  }
}

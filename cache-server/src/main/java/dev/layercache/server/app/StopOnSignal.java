package dev.layercache.server.app;

/**
 * Closes a server when the process is told to stop (SIGTERM, SIGINT), and ends the process with
 * exit code 0. Closing this takes the promise back.
 */
final class StopOnSignal implements AutoCloseable {
  private final Thread hook;

  StopOnSignal(LayercacheServer server) {
    this.hook =
        new Thread(
            () -> {
              server.close();
              // Without this the JVM would end with 128 plus the number of the signal.
              Runtime.getRuntime().halt(0);
            },
            "stop-on-signal");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is stopping: the hook runs and closes the server.
    }
  }
}

package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.report.SuiteRecorder;
import java.io.IOException;

/** One set of measurements that belong together. */
public interface Suite {

  /** As on the command line. Parts of one subject have names with a slash. */
  String name();

  /** What it measures, in a sentence. */
  String description();

  /** Whether it runs when no suite is named; one that takes an hour does not. */
  default boolean runsUnasked() {
    return true;
  }

  /**
   * Measures. Whatever it starts through {@code bench} is stopped by the caller.
   *
   * @throws IOException if anything fails: half a suite is not reported
   */
  void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException;
}

package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.report.SuiteRecorder;
import java.io.IOException;

/** One set of measurements that belong together. */
public interface Suite {

  /** As on the command line. */
  String name();

  /** What it measures, in a sentence. */
  String description();

  /**
   * Measures. Whatever it starts through {@code bench} is stopped by the caller.
   *
   * @throws IOException if anything fails: half a suite is not reported
   */
  void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException;
}

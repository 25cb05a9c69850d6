package dev.layercache.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where a command reads from and prints to; they stay the caller's.
 *
 * @param in standard input
 * @param out results
 * @param err messages and progress
 * @param columns width of the terminal that {@code err} is; empty when it is none
 */
record Streams(InputStream in, PrintWriter out, PrintWriter err, Optional<Integer> columns) {
  /** Set by the launcher, which can tell whether standard error is a terminal. */
  private static final String COLUMNS = "layercache.columns";

  private static final int MIN_COLUMNS = 40;
  private static final int MAX_COLUMNS = 400;

  static Streams ofProcess() {
    Optional<Integer> columns =
        Optional.ofNullable(Integer.getInteger(COLUMNS))
            .map(width -> Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, width)));
    return new Streams(
        System.in,
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        columns);
  }
}

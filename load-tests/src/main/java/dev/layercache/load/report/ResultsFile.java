package dev.layercache.load.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * RESULTS.md: a section for each suite, between two comments. A run replaces the sections of its
 * suites and leaves the others alone.
 */
public final class ResultsFile {
  private static final String PREAMBLE =
      """
      # Results
      Written by `load-tests/run --write-results`, not by hand. Every section says when, where and with which command.
      Cells are the median of the runs, with the least and the most in parentheses. `load-tests/README.md` says what the suites measure.
      """;

  private final Path file;

  public ResultsFile(Path file) {
    this.file = file;
  }

  /**
   * @throws IllegalArgumentException if the run was a quick one: its figures mean nothing
   */
  public void update(RunReport run) throws IOException {
    if (run.quick()) {
      throw new IllegalArgumentException("a quick run is not written to " + file);
    }
    var text = Files.exists(file) ? Files.readString(file) : PREAMBLE;
    for (var suite : run.suites()) {
      text = replace(text, suite.suite(), section(run, suite));
    }
    Files.writeString(file, text);
  }

  static String replace(String text, String suite, String section) {
    var begin = "<!-- %s -->\n".formatted(suite);
    var end = "<!-- end of %s -->\n".formatted(suite);
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      return text + '\n' + begin + section + end;
    }
    return text.substring(0, from) + begin + section + text.substring(to);
  }

  private static String section(RunReport run, SuiteReport suite) {
    var text = new StringBuilder();
    text.append("## %s%n%s%n%n".formatted(suite.suite(), suite.description()));
    text.append("%s, `%s`%n%s%n%n".formatted(run.date(), run.command(), run.machine()));
    text.append(Table.ofFigures(suite).markdown());
    if (!suite.targets().isEmpty()) {
      text.append('\n').append(Table.ofTargets(suite).markdown());
    }
    text.append('\n').append(suite.noise()).append('\n');
    suite.notes().forEach(note -> text.append('\n').append(note).append('\n'));
    return text.toString();
  }
}

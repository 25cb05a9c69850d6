package dev.layercache.load.report;

/** A suite's report for a terminal. */
public final class TextReport {
  private TextReport() {}

  public static String of(SuiteReport suite) {
    var text = new StringBuilder();
    text.append("\n== %s: %s%n%n".formatted(suite.suite(), suite.description()));
    text.append(Table.ofFigures(suite).text());
    if (!suite.targets().isEmpty()) {
      text.append('\n').append(Table.ofTargets(suite).text());
    }
    text.append('\n').append(suite.noise()).append('\n');
    suite.notes().forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }
}

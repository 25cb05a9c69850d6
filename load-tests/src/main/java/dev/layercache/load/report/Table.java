package dev.layercache.load.report;

import dev.layercache.load.measure.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rows of text under headings; the first row holds the headings. A cell of a figure is "median
 * (min-max)", or one number when there was one run.
 */
record Table(List<List<String>> rows) {

  /** One row for each scenario and variant, one column for each metric. */
  static Table ofFigures(SuiteReport suite) {
    var metrics = suite.figures().stream().map(Figure::metric).distinct().sorted().toList();
    var cells = new LinkedHashMap<List<String>, Map<Metric, String>>();
    for (var figure : suite.figures()) {
      cells
          .computeIfAbsent(List.of(figure.scenario(), figure.variant()), k -> new LinkedHashMap<>())
          .put(figure.metric(), cell(figure));
    }
    var rows = new ArrayList<List<String>>();
    rows.add(row(List.of("scenario", "variant"), metrics, m -> m.title() + ", " + m.unit()));
    cells.forEach((key, values) -> rows.add(row(key, metrics, m -> values.getOrDefault(m, ""))));
    return new Table(rows);
  }

  /** One row for each target. */
  static Table ofTargets(SuiteReport suite) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("target", "reached", "wanted", "met"));
    for (var target : suite.targets()) {
      rows.add(
          List.of(target.claim(), target.result(), target.wish(), target.met() ? "yes" : "NO"));
    }
    return new Table(rows);
  }

  private static List<String> row(
      List<String> first, List<Metric> metrics, Function<Metric, String> cell) {
    var row = new ArrayList<>(first);
    metrics.forEach(metric -> row.add(cell.apply(metric)));
    return row;
  }

  static String cell(Figure figure) {
    var summary = figure.summary();
    var median = figure.metric().format(summary.median());
    return figure.values().size() == 1
        ? median
        : "%s (%s-%s)"
            .formatted(
                median,
                figure.metric().format(summary.min()),
                figure.metric().format(summary.max()));
  }

  /** For a terminal. */
  String text() {
    var widths =
        IntStream.range(0, rows.getFirst().size())
            .map(i -> rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toArray();
    return rows.stream()
        .map(
            row ->
                IntStream.range(0, widths.length)
                    .mapToObj(i -> pad(row.get(i), widths[i], i < 2))
                    .collect(Collectors.joining("  "))
                    .stripTrailing())
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String pad(String text, int width, boolean left) {
    var space = " ".repeat(width - text.length());
    return left ? text + space : space + text;
  }

  /** For a Markdown file. */
  String markdown() {
    var lines = new ArrayList<String>();
    for (var row : rows) {
      lines.add("| " + String.join(" | ", row) + " |");
      if (lines.size() == 1) {
        lines.add("|" + "---|".repeat(row.size()));
      }
    }
    return String.join("\n", lines) + "\n";
  }
}

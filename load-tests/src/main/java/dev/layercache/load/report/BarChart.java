package dev.layercache.load.report;

import dev.layercache.load.measure.Metric;
import java.util.List;

/**
 * One metric: a group of bars for each scenario, a bar for each variant, a whisker from least to
 * most.
 */
final class BarChart {
  private static final int WIDTH = 760;
  private static final int LABELS = 250;
  private static final int VALUES = 80;
  private static final int BAR = 16;
  private static final int GAP = 10;
  private static final String WHISKER = "#111827";

  private final List<Figure> figures;
  private final List<String> variants;

  /**
   * @param variants in the order of their colors
   */
  BarChart(SuiteReport suite, Metric metric, List<String> variants) {
    this.figures = suite.figures().stream().filter(f -> f.metric() == metric).toList();
    this.variants = variants;
  }

  String svg() {
    var scenarios = figures.stream().map(Figure::scenario).distinct().toList();
    double most = figures.stream().mapToDouble(f -> f.summary().max()).max().orElse(0);
    double scale = most > 0 ? (WIDTH - LABELS - VALUES) / most : 0;
    var svg = new Svg(WIDTH, figures.size() * BAR + scenarios.size() * GAP + GAP);
    double y = GAP;
    for (var scenario : scenarios) {
      svg.text(LABELS - 8, y + BAR - 4, "end", scenario);
      for (var figure : figures) {
        if (figure.scenario().equals(scenario)) {
          bar(svg, figure, y, scale);
          y += BAR;
        }
      }
      y += GAP;
    }
    return svg.toString();
  }

  private void bar(Svg svg, Figure figure, double y, double scale) {
    var summary = figure.summary();
    double middle = y + (BAR - 2) / 2.0;
    svg.rectangle(
        LABELS,
        y,
        summary.median() * scale,
        BAR - 2,
        Svg.color(variants.indexOf(figure.variant())),
        figure.variant() + ": " + Table.cell(figure));
    svg.line(
        LABELS + summary.min() * scale, middle, LABELS + summary.max() * scale, middle, WHISKER);
    svg.text(
        LABELS + summary.max() * scale + 6,
        y + BAR - 4,
        "start",
        figure.metric().format(summary.median()));
  }
}

package dev.layercache.load.report;

import dev.layercache.load.measure.Latencies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A run as one page that needs nothing else: no script, no font, no network. */
public final class HtmlReport {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang='en'><head><meta charset='utf-8'><title>layercache load tests</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #111827 }
      h2 { margin-top: 3rem; border-top: 1px solid #e5e7eb; padding-top: 1rem }
      table { border-collapse: collapse; font-size: 13px; margin: 1rem 0 }
      th, td { padding: .25rem .6rem; border-bottom: 1px solid #e5e7eb; text-align: right; white-space: nowrap }
      th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left }
      svg { display: block; max-width: 100%; height: auto } svg text { font: 11px system-ui, sans-serif; fill: #374151 }
      .wide { overflow-x: auto } .no { color: #b91c1c; font-weight: bold } .yes { color: #15803d }
      .key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em }
      code { background: #f3f4f6; padding: .1em .3em } .warning { background: #fef3c7; padding: .5rem 1rem }
      </style></head><body>
      """;

  private HtmlReport() {}

  public static void write(RunReport run, Path file) throws IOException {
    Files.writeString(file, of(run));
  }

  static String of(RunReport run) {
    var page = new StringBuilder(HEAD);
    page.append("<h1>layercache load tests</h1>\n");
    page.append(
        "<p>%s, <code>%s</code><br>%s</p>%n"
            .formatted(
                run.date(), Svg.escape(run.command()), Svg.escape(run.machine().toString())));
    if (run.quick()) {
      page.append(
          "<p class='warning'>A quick run: too small for its figures to mean anything.</p>\n");
    }
    run.suites().forEach(suite -> suite(page, suite));
    return page.append("</body></html>\n").toString();
  }

  private static void suite(StringBuilder page, SuiteReport suite) {
    page.append("<h2>%s</h2>%n".formatted(Svg.escape(suite.suite())));
    paragraph(page, suite.description());
    if (!suite.targets().isEmpty()) {
      table(page, Table.ofTargets(suite));
    }
    for (var plot : suite.growth()) {
      page.append("<h3>%s</h3>%n".formatted(Svg.escape(plot.title())));
      page.append(new LineChart(plot).svg());
    }
    bars(page, suite);
    latencies(page, suite);
    table(page, Table.ofFigures(suite));
    paragraph(page, suite.noise());
    suite.notes().forEach(note -> paragraph(page, note));
  }

  private static void bars(StringBuilder page, SuiteReport suite) {
    var variants = suite.figures().stream().map(Figure::variant).distinct().toList();
    page.append("<p>");
    for (int i = 0; i < variants.size(); i++) {
      page.append(
          "<span class='key' style='background:%s'></span>%s%n"
              .formatted(Svg.color(i), Svg.escape(variants.get(i))));
    }
    page.append("</p>\n");
    for (var metric : suite.figures().stream().map(Figure::metric).distinct().sorted().toList()) {
      page.append("<h3>%s, %s</h3>%n".formatted(metric.title(), metric.unit()));
      page.append(new BarChart(suite, metric, variants).svg());
    }
  }

  /** Over 1 / (1 - percentile), the number of calls among which the slowest is this slow. */
  private static void latencies(StringBuilder page, SuiteReport suite) {
    if (suite.latencies().isEmpty()) {
      return;
    }
    var lines =
        suite.latencies().stream()
            .map(
                curve -> {
                  var points =
                      curve.points().stream().filter(point -> point.percentile() < 100).toList();
                  return new Growth.Line(
                      curve.scenario() + ", " + curve.variant(),
                      points.stream().map(HtmlReport::nines).toList(),
                      points.stream().map(Latencies.Point::millis).toList());
                })
            .toList();
    page.append("<h3>latency, ms</h3>\n");
    page.append(
        new LineChart(
                new Growth(
                    "latency, ms",
                    "nines of the percentile: 1 is p90, 2 is p99, 3 is p99.9, 4 is p99.99",
                    lines))
            .svg());
  }

  private static double nines(Latencies.Point point) {
    return -Math.log10(1 - point.percentile() / 100);
  }

  private static void table(StringBuilder page, Table table) {
    page.append("<div class='wide'><table>\n");
    for (int i = 0; i < table.rows().size(); i++) {
      String tag = i == 0 ? "th" : "td";
      page.append("<tr>").append(cells(table.rows().get(i), tag)).append("</tr>\n");
    }
    page.append("</table></div>\n");
  }

  private static String cells(List<String> row, String tag) {
    return row.stream()
        .map(
            cell ->
                "<%s%s>%s</%s>"
                    .formatted(
                        tag,
                        cell.equals("NO")
                            ? " class='no'"
                            : cell.equals("yes") ? " class='yes'" : "",
                        Svg.escape(cell),
                        tag))
        .collect(Collectors.joining());
  }

  private static void paragraph(StringBuilder page, String text) {
    page.append("<p>%s</p>%n".formatted(Svg.escape(text)));
  }
}

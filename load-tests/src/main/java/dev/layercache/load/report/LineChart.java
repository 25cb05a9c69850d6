package dev.layercache.load.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lines over a common axis, each named at its end. Both axes begin at 0. */
final class LineChart {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 300;
  private static final int LEFT = 70;
  private static final int RIGHT = 190;
  private static final int TOP = 14;
  private static final int BOTTOM = 40;
  private static final int STEPS = 4;
  private static final String GRID = "#e5e7eb";
  private static final double LABEL_HEIGHT = 14;

  private final Growth growth;
  private final double mostX;
  private final double mostY;

  LineChart(Growth growth) {
    this.growth = growth;
    this.mostX = most(growth.lines().stream().map(Growth.Line::positions).toList());
    this.mostY = most(growth.lines().stream().map(Growth.Line::values).toList());
  }

  private static double most(List<List<Double>> values) {
    return values.stream().flatMap(List::stream).mapToDouble(v -> v).max().orElse(1);
  }

  String svg() {
    var svg = new Svg(WIDTH, HEIGHT);
    for (int i = 0; i <= STEPS; i++) {
      double y = mostY * i / STEPS;
      double x = mostX * i / STEPS;
      svg.line(LEFT, y(y), WIDTH - RIGHT, y(y), GRID)
          .text(LEFT - 6, y(y) + 4, "end", Svg.number(y));
      svg.text(x(x), HEIGHT - BOTTOM + 16, "middle", Svg.number(x));
    }
    svg.text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "middle", growth.axis());
    double free = HEIGHT;
    var byEnd =
        IntStream.range(0, growth.lines().size())
            .boxed()
            .sorted((a, b) -> Double.compare(last(a), last(b)))
            .toList();
    for (int i : byEnd) {
      free = Math.min(y(last(i)) + 4, free - LABEL_HEIGHT);
      draw(svg, i, free);
    }
    return svg.toString();
  }

  private void draw(Svg svg, int index, double labelY) {
    var line = growth.lines().get(index);
    var points =
        IntStream.range(0, line.values().size())
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT,
                        "%.1f,%.1f",
                        x(line.positions().get(i)),
                        y(line.values().get(i))))
            .collect(Collectors.joining(" "));
    svg.polyline(points, Svg.color(index));
    svg.text(WIDTH - RIGHT + 6, labelY, "start", line.name() + "  " + Svg.number(last(index)));
  }

  private double last(int index) {
    return growth.lines().get(index).values().getLast();
  }

  private double x(double value) {
    return LEFT + value / mostX * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - value / mostY * (HEIGHT - TOP - BOTTOM);
  }
}

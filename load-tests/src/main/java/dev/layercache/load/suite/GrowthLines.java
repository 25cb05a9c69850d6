package dev.layercache.load.suite;

import dev.layercache.load.report.Growth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lines of a {@link Growth} while they are being measured. */
final class GrowthLines {
  private final Map<String, List<Double>> positions = new LinkedHashMap<>();
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  /** One more point at the end of a line. */
  void add(String name, double position, double value) {
    positions.computeIfAbsent(name, n -> new ArrayList<>()).add(position);
    values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  /** One more point at the end of each line: the last of {@code others}. */
  void addLast(double position, GrowthLines others) {
    others.values.forEach((name, line) -> add(name, position, line.getLast()));
  }

  double last(String name) {
    return values.getOrDefault(name, List.of(0.0)).getLast();
  }

  Growth plot(String title, String axis) {
    var lines =
        positions.entrySet().stream()
            .map(
                line ->
                    new Growth.Line(
                        line.getKey(),
                        List.copyOf(line.getValue()),
                        List.copyOf(values.getOrDefault(line.getKey(), List.of()))))
            .toList();
    return new Growth(title, axis, lines);
  }
}

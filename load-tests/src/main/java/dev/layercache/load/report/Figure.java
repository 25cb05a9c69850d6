package dev.layercache.load.report;

import dev.layercache.load.measure.Metric;
import dev.layercache.load.measure.Summary;
import java.util.List;

/**
 * One metric of one variant in one scenario.
 *
 * @param values one for each run, in their order
 */
public record Figure(String scenario, String variant, Metric metric, List<Double> values) {
  public Figure {
    values = List.copyOf(values);
  }

  public Summary summary() {
    return Summary.of(values);
  }
}

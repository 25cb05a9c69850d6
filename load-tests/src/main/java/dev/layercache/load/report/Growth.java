package dev.layercache.load.report;

import java.util.List;

/**
 * How something grows: lines over a common axis.
 *
 * @param title what is plotted, with its unit
 * @param axis what the common axis counts
 */
public record Growth(String title, String axis, List<Line> lines) {

  /** One line, a value for each position of the axis. */
  public record Line(String name, List<Double> positions, List<Double> values) {}
}

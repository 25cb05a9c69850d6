package dev.layercache.load.measure;

import java.util.List;

/**
 * Several runs in three numbers. The median of an even number of runs lies between the middle two.
 */
public record Summary(double median, double min, double max) {

  /**
   * @throws IllegalArgumentException if there are no values
   */
  public static Summary of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values (expected: at least one)");
    }
    var sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    return new Summary(median, sorted.getFirst(), sorted.getLast());
  }

  /** How far the runs lie apart, as a share of the median; 0 when the median is 0. */
  public double spread() {
    return median == 0 ? 0 : (max - min) / Math.abs(median);
  }
}

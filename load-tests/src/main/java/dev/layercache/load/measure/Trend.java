package dev.layercache.load.measure;

import java.util.List;

/** How something develops over time. */
public final class Trend {
  private Trend() {}

  /**
   * The slope of the line that fits best (least squares); 0 for fewer than two different positions.
   *
   * @param positions as many as {@code values}
   */
  public static double slope(List<Double> positions, List<Double> values) {
    double meanX = mean(positions);
    double meanY = mean(values);
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < positions.size(); i++) {
      double x = positions.get(i) - meanX;
      covariance += x * (values.get(i) - meanY);
      variance += x * x;
    }
    return variance == 0 ? 0 : covariance / variance;
  }

  /** The median of the second half over that of the first; 1 when there are no halves. */
  public static double secondHalfOverFirst(List<Double> values) {
    int half = values.size() / 2;
    if (half == 0) {
      return 1;
    }
    double first = Summary.of(values.subList(0, half)).median();
    double second = Summary.of(values.subList(values.size() - half, values.size())).median();
    return first == 0 ? 1 : second / first;
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElse(0);
  }
}

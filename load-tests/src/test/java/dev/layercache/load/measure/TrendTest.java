package dev.layercache.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void theSlopeIsThatOfTheBestLine() {
    var positions = List.of(0.0, 1.0, 2.0, 3.0);
    assertThat(Trend.slope(positions, List.of(5.0, 7.0, 9.0, 11.0))).isCloseTo(2, within(1e-9));
    assertThat(Trend.slope(positions, List.of(1.0, -1.0, -1.0, 1.0))).isCloseTo(0, within(1e-9));
    assertThat(Trend.slope(positions, List.of(4.0, 4.0, 4.0, 8.0))).isCloseTo(1.2, within(1e-9));
  }

  @Test
  void onePointHasNoSlope() {
    assertThat(Trend.slope(List.of(3.0), List.of(9.0))).isZero();
  }

  @Test
  void halvesAreComparedByTheirMedians() {
    assertThat(Trend.secondHalfOverFirst(List.of(1.0, 1.0, 100.0, 7.0, 2.0, 2.0, 50.0)))
        .isEqualTo(2);
    assertThat(Trend.secondHalfOverFirst(List.of(5.0))).isEqualTo(1);
  }
}

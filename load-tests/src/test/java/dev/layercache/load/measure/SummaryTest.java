package dev.layercache.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {

  @Test
  void theMedianOfAnOddNumberIsTheMiddleOne() {
    assertThat(Summary.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Summary(4, 1, 9));
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Summary.of(List.of(4.0, 1.0, 9.0, 2.0))).isEqualTo(new Summary(3, 1, 9));
  }

  @Test
  void theSpreadIsAShareOfTheMedian() {
    assertThat(Summary.of(List.of(9.0, 10.0, 12.0)).spread()).isEqualTo(0.3);
    assertThat(Summary.of(List.of(0.0, 0.0)).spread()).isZero();
  }

  @Test
  void nothingHasNoSummary() {
    assertThatThrownBy(() -> Summary.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}

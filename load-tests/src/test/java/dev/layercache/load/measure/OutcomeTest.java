package dev.layercache.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  private static final long GIB = 1L << 30;

  @Test
  void aTransferIsToldPerByte() {
    var usage = new Usage(3, 4 * GIB, 100 << 20);
    var values = new Outcome(load(4, 2 * GIB, 3 * GIB), Optional.of(usage)).perByte();
    assertThat(values)
        .containsEntry(Metric.THROUGHPUT, 0.5)
        .containsEntry(Metric.CPU_PER_GIB, 1.5)
        .containsEntry(Metric.WRITTEN_PER_BYTE, 2.0)
        .containsEntry(Metric.SOCKET_PER_BYTE, 1.5)
        .containsEntry(Metric.PEAK_RESIDENT, 100.0);
  }

  @Test
  void requestsAreToldPerOperation() {
    var values = new Outcome(load(8, 0, 800), Optional.of(new Usage(2, 0, 0))).perOperation();
    assertThat(values)
        .containsEntry(Metric.RATE, 2.0)
        .containsEntry(Metric.CPU_PER_OPERATION, 250_000.0)
        .containsEntry(Metric.SOCKET_PER_OPERATION, 100.0);
  }

  @Test
  void ofAServerElsewhereOnlyTheClientsSideIsTold() {
    var values = new Outcome(load(4, GIB, GIB), Optional.empty()).perByte();
    assertThat(values).containsKey(Metric.THROUGHPUT);
    assertThat(values).doesNotContainKeys(Metric.CPU_PER_GIB, Metric.PEAK_RESIDENT);
  }

  @Test
  void percentilesAreInMilliseconds() {
    var latencies = new Latencies();
    for (int i = 1; i <= 100; i++) {
      latencies.recordNanos(TimeUnit.MILLISECONDS.toNanos(i));
    }
    assertThat(latencies.percentile(50)).isBetween(49.9, 50.1);
    assertThat(latencies.percentile(99)).isBetween(98.9, 99.1);
    assertThat(latencies.max()).isBetween(99.9, 100.1);
  }

  /** Took four seconds. */
  private static Load load(long operations, long payload, long socket) {
    return new Load(operations, payload, socket, Duration.ofSeconds(4), new Latencies());
  }
}

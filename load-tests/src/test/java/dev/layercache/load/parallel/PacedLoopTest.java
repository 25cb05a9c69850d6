package dev.layercache.load.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.load.measure.Latencies;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PacedLoopTest {

  /** Ten were due in 100 ms; the first took them all, and the others count with their wait. */
  @Test
  void whatAStallKeptFromBeingSentCounts() throws Exception {
    var load = PacedLoop.run(100, Duration.ofMillis(100), () -> Thread.sleep(120));
    assertThat(load.operations()).isLessThan(10);
    assertThat(load.latencies().count()).isEqualTo(10);
    assertThat(load.latencies().percentile(50)).isBetween(50.0, load.latencies().max());
  }

  @Test
  void latenciesSurviveTheWayToAnotherProcess() {
    var sent = new Latencies();
    sent.recordNanos(1_000_000);
    sent.recordNanos(9_000_000);
    var received = Latencies.decode(sent.encode());
    assertThat(received.count()).isEqualTo(2);
    assertThat(received.curve()).isEqualTo(sent.curve());
  }
}

package dev.layercache.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.blob.ManualClock;
import dev.layercache.server.upstream.CircuitBreaker.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final ManualClock clock = new ManualClock();
  private final CircuitBreaker breaker = new CircuitBreaker(clock);

  @Test
  void opensAfterFailuresInARow() {
    for (int i = 1; i < CircuitBreaker.FAILURES; i++) {
      breaker.failed("503");
      assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }
    breaker.succeeded();
    for (int i = 1; i < CircuitBreaker.FAILURES; i++) {
      breaker.failed("503");
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    breaker.failed("503");
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.reason()).isEqualTo("503");
  }

  @Test
  void opensAtOnceWhenNobodyIsThere() {
    breaker.unreachable("refused");
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.remaining()).isEqualTo(CircuitBreaker.SHORTEST);
    assertThat(breaker.beginTrial()).isFalse();
  }

  @Test
  void oneAloneTriesAgain() {
    breaker.unreachable("refused");
    clock.advance(CircuitBreaker.SHORTEST);
    assertThat(breaker.beginTrial()).isTrue();
    assertThat(breaker.beginTrial()).isFalse();
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    breaker.succeeded();
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.remaining()).isZero();
  }

  @Test
  void staysOpenForLongerAfterEachTrialThatFails() {
    breaker.unreachable("refused");
    var pause = CircuitBreaker.SHORTEST;
    for (int i = 0; i < 10; i++) {
      assertThat(breaker.remaining()).isEqualTo(pause);
      clock.advance(pause.minusMillis(1));
      assertThat(breaker.beginTrial()).isFalse();
      clock.advance(Duration.ofMillis(1));
      assertThat(breaker.beginTrial()).isTrue();
      breaker.unreachable("still refused");
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(CircuitBreaker.LONGEST) > 0 ? CircuitBreaker.LONGEST : pause;
    }
    assertThat(pause).isEqualTo(CircuitBreaker.LONGEST);
  }

  @Test
  void failuresWhileItIsOpenChangeNothing() {
    breaker.unreachable("first");
    clock.advance(Duration.ofMillis(500));
    breaker.unreachable("late");
    breaker.failed("late");
    assertThat(breaker.reason()).isEqualTo("first");
    assertThat(breaker.remaining()).isEqualTo(CircuitBreaker.SHORTEST.minusMillis(500));
  }
}

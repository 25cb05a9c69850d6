package dev.layercache.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.faults.History.Kind;
import org.junit.jupiter.api.Test;

/** The check itself can fail. */
class HistoryTest {
  @Test
  void aBlobThatIsGoneWithoutADeletionIsNotExplained() throws Exception {
    var history = new History();
    history.record(Kind.PUT, () -> true);
    history.record(Kind.LOOK, () -> true);
    assertThat(history.isLinearizable()).isTrue();
    history.record(Kind.LOOK, () -> false);
    assertThat(history.isLinearizable()).isFalse();
  }

  @Test
  void twoDeletionsOfOnePutCannotBothHaveFoundIt() throws Exception {
    var history = new History();
    history.record(Kind.PUT, () -> true);
    history.record(
        Kind.DELETE,
        () -> {
          history.record(Kind.DELETE, () -> true);
          return true;
        });
    assertThat(history.isLinearizable()).isFalse();
  }

  @Test
  void operationsAtTheSameTimeMayHaveHappenedInAnyOrder() throws Exception {
    var history = new History();
    history.record(
        Kind.PUT,
        () -> {
          history.record(Kind.LOOK, () -> false);
          history.record(Kind.LOOK, () -> true);
          history.record(Kind.DELETE, () -> true);
          return true;
        });
    assertThat(history.isLinearizable()).isTrue();
  }
}

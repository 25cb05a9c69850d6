package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server with SIGKILL in the middle of pushes, again and again on one data directory.
 * {@code -Dlayercache.kills=N} sets how often, {@code -Dlayercache.seed=N} replays a run.
 */
class KillTest {
  private final int kills = Integer.getInteger("layercache.kills", 50);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final PushLedger ledger = new PushLedger(new Random(seed));

  @TempDir private Path directory;

  @Test
  @Timeout(3600)
  void nothingAcknowledgedIsLostAndNothingIsHalfThere() throws Exception {
    for (int round = 0; round < kills; round++) {
      try (var server = ServerProcess.start(directory.resolve("data"))) {
        ledger.checkSome(server);
        ledger.pushUntil(server, round, server::kill);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed %d, round %d: %s".formatted(seed, round, e.getMessage()), e);
      }
    }
    try (var server = ServerProcess.start(directory.resolve("data"))) {
      ledger.checkAll(server);
    }
    System.out.printf(
        "%d kills, seed %d: %d images acknowledged, all intact%n",
        kills, seed, ledger.acknowledged());
    assertThat(ledger.acknowledged()).isGreaterThan(kills / 2);
  }
}

package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.faults.LoopVolume;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power of the volume in the middle of pushes: what was written and not synced is gone.
 * {@code -Dlayercache.powercuts=N} sets how often, {@code -Dlayercache.seed=N} replays a run.
 */
class PowerLossTest {
  private static final int MIB_FOR_EACH = 200;

  private final int cuts = Integer.getInteger("layercache.powercuts", 3);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final PushLedger ledger = new PushLedger(new Random(seed));

  @TempDir private Path directory;

  @Test
  @Timeout(3600)
  void whatWasAcknowledgedIsOnTheDisk() throws Exception {
    String size = "%dM".formatted(512 + MIB_FOR_EACH * cuts);
    try (var volume = LoopVolume.create(directory, size)) {
      Path data = volume.root().resolve("data");
      for (int round = 0; round < cuts; round++) {
        try (var server = ServerProcess.start(data)) {
          ledger.checkSome(server);
          ledger.pushUntil(
              server,
              round,
              () -> {
                volume.losePower();
                server.kill();
              });
        } catch (Exception | AssertionError e) {
          throw new AssertionError(
              "seed %d, round %d: %s".formatted(seed, round, e.getMessage()), e);
        }
        volume.restorePower();
      }
      try (var server = ServerProcess.start(data)) {
        ledger.checkAll(server);
        server.kill();
      }
    }
    System.out.printf(
        "%d power cuts, seed %d: %d images acknowledged, all intact%n",
        cuts, seed, ledger.acknowledged());
    assertThat(ledger.acknowledged()).isPositive();
  }
}

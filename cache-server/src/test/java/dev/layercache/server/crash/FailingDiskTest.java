package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.layercache.server.faults.LoopVolume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk on which calls fail now and then ({@code fiu-run} of Debian's fiu-utils), and which loses
 * power afterwards: whoever acknowledges after a failed fsync is found out. {@code
 * -Dlayercache.failures=N} sets how many rounds, {@code -Dlayercache.seed=N} replays a run.
 */
class FailingDiskTest {
  private static final Path FIU_RUN = Path.of("/usr/bin/fiu-run");
  private static final int MIB_FOR_EACH = 200;
  private static final int EIO = 5;
  private static final int ENOSPC = 28;

  /** What fails, how often, and with which error. */
  private record Failure(String name, double probability, int error) {
    String command() {
      return "enable_random name=%s,probability=%s,failinfo=%d".formatted(name, probability, error);
    }
  }

  private static final Failure NEVER_SYNCS = new Failure("posix/io/sync/*", 1, EIO);

  private static final List<Failure> FAILURES =
      List.of(
          new Failure("posix/io/sync/fdatasync", 0.05, EIO),
          new Failure("posix/io/sync/fsync", 0.1, EIO),
          new Failure("posix/io/sync/*", 0.2, EIO),
          new Failure("posix/io/rw/pwrite", 0.02, EIO),
          new Failure("posix/io/rw/pwrite", 0.02, ENOSPC),
          new Failure("posix/io/dir/rename", 0.1, EIO));

  private final int rounds = Integer.getInteger("layercache.failures", 2);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final PushLedger ledger = new PushLedger(new Random(seed));

  @TempDir private Path directory;

  @Test
  @Timeout(3600)
  void whatIsNotStoredIsNotAcknowledged() throws Exception {
    boolean installed = Files.isExecutable(FIU_RUN);
    assumeTrue(installed || System.getenv("CI") != null, FIU_RUN + " is not installed");
    assertThat(installed).as("in CI fiu-utils must be installed").isTrue();
    String size = "%dM".formatted(512 + MIB_FOR_EACH * rounds);
    try (var volume = LoopVolume.create(directory, size)) {
      Path data = volume.root().resolve("data");
      // Opened once without failures, so that each round gets as far as serving.
      ServerProcess.start(data).close();
      pushWith(NEVER_SYNCS, volume, data, rounds);
      assertThat(ledger.acknowledged()).as("acknowledged by a disk that never syncs").isZero();
      volume.restorePower();
      for (int round = 0; round < rounds; round++) {
        var failure = FAILURES.get(Math.floorMod(seed + round, FAILURES.size()));
        try {
          pushWith(failure, volume, data, round);
          volume.restorePower();
          try (var server = ServerProcess.start(data)) {
            ledger.checkSome(server);
            server.kill();
          }
        } catch (Exception | AssertionError e) {
          throw new AssertionError(
              "seed %d, round %d, %s: %s".formatted(seed, round, failure.command(), e.getMessage()),
              e);
        }
      }
      try (var server = ServerProcess.start(data)) {
        ledger.checkAll(server);
        server.kill();
      }
    }
    System.out.printf(
        "%d rounds on a failing disk, seed %d: %d images acknowledged, all intact%n",
        rounds, seed, ledger.acknowledged());
  }

  private void pushWith(Failure failure, LoopVolume volume, Path data, int round) throws Exception {
    String control = directory.resolve("fiu").toString();
    var prefix = List.of(FIU_RUN.toString(), "-x", "-f", control);
    try (var server = ServerProcess.start(data, prefix)) {
      assertThat(
              LoopVolume.run("fiu-ctrl", "-f", control, "-c", failure.command(), "" + server.pid()))
          .as("fiu-ctrl")
          .isTrue();
      ledger.pushUntil(
          server,
          round,
          () -> {
            volume.losePower();
            server.kill();
          });
    }
  }
}

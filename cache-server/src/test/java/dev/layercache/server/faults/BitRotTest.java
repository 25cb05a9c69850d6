package dev.layercache.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.integrity.Damage;
import dev.layercache.server.integrity.Depth;
import dev.layercache.server.integrity.Verification;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flips one bit in a file of the database, opens it, and reads every blob: never a wrong byte, and
 * whatever is lost is accounted for. {@code -Dlayercache.flips=N} sets how often, {@code
 * -Dlayercache.seed=N} replays a run.
 */
class BitRotTest {
  private static final List<String> KINDS = List.of(".sst", ".log", "MANIFEST", ".blob", "CURRENT");

  private final int flips = Integer.getInteger("layercache.flips", 15);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<Digest, byte[]> stored = new HashMap<>();
  private final Map<String, Tally> tallies = new TreeMap<>();

  @TempDir private Path directory;

  /** What became of the flips in one kind of file. */
  private static final class Tally {
    private int flips;
    private int refused;
    private int harmless;
    private int lost;
  }

  @Test
  @Timeout(900)
  void aFlippedBitIsNeverServedAndNeverSilent() throws Exception {
    Path original = directory.resolve("original");
    fill(original);
    requireClean(original);
    for (int flip = 0; flip < flips; flip++) {
      Path copy = directory.resolve("copy");
      copy(original, copy);
      String what = flip(copy, KINDS.get(flip % KINDS.size()));
      try {
        check(copy, tallies.computeIfAbsent(KINDS.get(flip % KINDS.size()), kind -> new Tally()));
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(
            "seed %d, flip %d in %s: %s".formatted(seed, flip, what, e.getMessage()), e);
      }
      delete(copy);
    }
    System.out.printf("bit rot, seed %d, %d blobs%n", seed, stored.size());
    tallies.forEach(
        (kind, tally) ->
            System.out.printf(
                "  %-9s %3d flips: %3d refused by name, %3d opened with %d blobs lost and reported,"
                    + " %3d without effect%n",
                kind,
                tally.flips,
                tally.refused,
                tally.flips - tally.refused - tally.harmless,
                tally.lost,
                tally.harmless));
  }

  /** A store that nobody damaged has no findings: those of the others are of the flip. */
  private void requireClean(Path original) throws Exception {
    Path copy = directory.resolve("clean");
    copy(original, copy);
    try (var store = open(copy)) {
      var report = new Verification(store.inventory()).run(Depth.FULL, observer(new ArrayList<>()));
      assertThat(report.damage()).isEmpty();
      assertThat(report.checked().blobs()).isEqualTo(stored.size());
    }
  }

  private void check(Path data, Tally tally) throws Exception {
    tally.flips++;
    try (var store = open(data)) {
      int lost = 0;
      for (var blob : stored.entrySet()) {
        lost += isServed(store, blob.getKey(), blob.getValue()) ? 0 : 1;
      }
      var damage = new ArrayList<Damage>();
      var report = new Verification(store.inventory()).run(Depth.FULL, observer(damage));
      boolean isReported = report.findings() + store.inventory().quarantinedEver() > 0;
      assertThat(lost == 0 || isReported).as("%d blobs are lost and nobody says so", lost).isTrue();
      for (var blob : stored.entrySet()) {
        isServed(store, blob.getKey(), blob.getValue());
      }
      tally.lost += lost;
      tally.harmless += isReported ? 0 : 1;
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("(?s).*(\\.sst|\\.log|\\.blob|MANIFEST|CURRENT).*");
      tally.refused++;
    }
  }

  /** Whether a blob can be read; what is read must be right. */
  private static boolean isServed(RocksStore store, Digest digest, byte[] content) {
    try {
      var read = StoredFiles.read(store.blobs(), digest);
      read.ifPresent(bytes -> assertThat(bytes).isEqualTo(ByteBuffer.wrap(content)));
      return read.isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * In tables, in blob files and in files of their own; the newest are only in the log, as a kill
   * leaves it.
   */
  private void fill(Path killed) throws IOException {
    Path running = directory.resolve("running");
    for (int part = 0; part < 3; part++) {
      try (var store = open(running)) {
        for (int i = 0; i < 12; i++) {
          int size = i % 3 == 0 ? 300_000 + random.nextInt(600_000) : random.nextInt(20_000);
          byte[] content = StoredFiles.bytes(random.nextLong(), size);
          stored.put(StoredFiles.put(store.blobs(), content), content);
        }
        if (part == 2) {
          copy(running, killed);
        }
      }
    }
  }

  private String flip(Path data, String kind) throws IOException {
    List<Path> files;
    try (var all = Files.list(data.resolve("db"))) {
      files =
          all.filter(file -> file.getFileName().toString().contains(kind))
              .filter(file -> StoredFiles.size(file) > 0)
              .sorted()
              .toList();
    }
    var file = files.get(random.nextInt(files.size()));
    long position = random.nextLong(StoredFiles.size(file));
    StoredFiles.flip(file, position, random.nextInt(8));
    return "%s at byte %d".formatted(file.getFileName(), position);
  }

  private static Verification.Observer observer(List<Damage> found) {
    return new Verification.Observer() {
      @Override
      public boolean goOn(Verification.Progress progress) {
        return true;
      }

      @Override
      public void found(Damage damage) {
        found.add(damage);
      }
    };
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.filter(path -> !path.startsWith(from.resolve("native"))).toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  private static RocksStore open(Path data) throws IOException {
    var options = StoreOptions.DEFAULTS.toBuilder().presenceEntries(1024).build();
    return RocksStore.open(data, options, Clock.systemUTC());
  }
}

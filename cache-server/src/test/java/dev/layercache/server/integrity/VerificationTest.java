package dev.layercache.server.integrity;

import static dev.layercache.server.faults.StoredFiles.bytes;
import static dev.layercache.server.faults.StoredFiles.put;
import static dev.layercache.server.faults.StoredFiles.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.faults.StoredFiles;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path data;

  @Test
  void everyBlobIsReadAndAnUndamagedStoreHasNoFindings() throws Exception {
    try (var store = open()) {
      long bytes = 0;
      for (int i = 0; i < 300; i++) {
        put(store.blobs(), bytes(i, 1_000 + i));
        bytes += 1_000 + i;
      }
      put(store.blobs(), bytes(1_000, 3 * MIB));
      for (var depth : Depth.values()) {
        var report = new Verification(store.inventory()).run(depth, new Findings());

        assertThat(report.damage()).isEmpty();
        assertThat(report.checked()).isEqualTo(new Verification.Progress(301, bytes + 3 * MIB));
      }
    }
  }

  @Test
  void aFlippedBitIsFoundReportedHealedByAPushAndItsSpaceFreed() throws Exception {
    byte[] content = bytes(1, 3 * MIB);
    Digest damaged;
    Digest kept;
    try (var store = open()) {
      damaged = put(store.blobs(), content);
      kept = put(store.blobs(), bytes(2, 1_000));
    }
    var file = new StoredFiles(data).ending(".sst").getFirst();
    StoredFiles.flip(file, 2 * MIB + 5, 3);
    try (var store = open()) {
      var healed = new ArrayList<Digest>();
      store.onQuarantine(healed::add);
      var observer = new Findings();

      var report = new Verification(store.inventory()).run(Depth.FAST, observer);

      assertThat(report.findings()).isEqualTo(1);
      assertThat(observer.found).isEqualTo(report.damage());
      var damage = report.damage().getFirst();
      assertThat(damage.blob()).contains(damaged);
      assertThat(damage.where()).isEqualTo("db/" + file.getFileName());
      assertThat(damage.why()).contains("checksum mismatch");
      assertThat(store.blobs().stat(damaged)).isEmpty();
      assertThat(store.blobs().stat(kept)).isPresent();
      assertThat(healed).containsExactly(damaged);

      assertThat(put(store.blobs(), content)).isEqualTo(damaged);
      assertThat(read(store.blobs(), damaged)).contains(ByteBuffer.wrap(content));
    }
    assertThat(file).doesNotExist();
    try (var store = open()) {
      assertThat(store.inventory().quarantinedEver()).isEqualTo(1);
      var recorded = store.inventory().quarantined(10).getFirst();
      assertThat(recorded.digest()).isEqualTo(damaged);
      assertThat(recorded.size()).isEqualTo(3 * MIB);
      assertThat(recorded.where()).isEqualTo("db/" + file.getFileName());
      assertThat(new Verification(store.inventory()).run(Depth.FULL, new Findings()).damage())
          .isEmpty();
    }
  }

  @Test
  void oneRunAtATime() throws Exception {
    try (var store = open()) {
      put(store.blobs(), bytes(1, 10));
      var verification = new Verification(store.inventory());
      var refused = new AtomicBoolean();
      verification.run(
          Depth.FULL,
          new Findings() {
            @Override
            public boolean goOn(Verification.Progress progress) {
              assertThatThrownBy(() -> verification.run(Depth.FULL, new Findings()))
                  .isInstanceOf(UnavailableException.class)
                  .hasMessageContaining("running already");
              refused.set(true);
              return true;
            }
          });
      assertThat(refused).isTrue();
      assertThat(verification.run(Depth.FULL, new Findings()).checked().blobs()).isEqualTo(1);
    }
  }

  @Test
  void anObserverThatHasEnoughEndsTheRun() throws Exception {
    try (var store = open()) {
      for (int i = 0; i < 20; i++) {
        put(store.blobs(), bytes(i, 100));
      }
      var report =
          new Verification(store.inventory())
              .run(
                  Depth.FULL,
                  new Findings() {
                    @Override
                    public boolean goOn(Verification.Progress progress) {
                      return progress.blobs() < 5;
                    }
                  });
      assertThat(report.checked().blobs()).isLessThan(8);
    }
  }

  private RocksStore open() throws IOException {
    var options = StoreOptions.DEFAULTS.toBuilder().presenceEntries(1024).build();
    return RocksStore.open(data, options, Clock.systemUTC());
  }

  /** Keeps what was found. */
  static class Findings implements Verification.Observer {
    final List<Damage> found = new ArrayList<>();

    @Override
    public boolean goOn(Verification.Progress progress) {
      return true;
    }

    @Override
    public void found(Damage damage) {
      found.add(damage);
    }
  }
}

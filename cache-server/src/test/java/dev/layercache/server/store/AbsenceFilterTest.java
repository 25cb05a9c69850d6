package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbsenceFilterTest {
  private static final int BLOBS = 5_000;

  @TempDir private Path root;

  @Test
  void claimsNoStoredBlobAbsentAndAlmostEveryOther() throws Exception {
    try (var data = DataDirectory.open(root);
        var listener = new FileKeeper.Ingested();
        var database = Database.open(data.database(), StoreOptions.DEFAULTS, listener)) {
      for (int i = 0; i < BLOBS; i++) {
        database.rocks().put(database.records(), BlobKeys.record(digest(i)), new byte[] {1});
      }
      try (var filter = new AbsenceFilter(database, BLOBS)) {
        filter.stored(digest(BLOBS));
        awaitFilled(filter);
        for (int i = 0; i <= BLOBS; i++) {
          assertThat(filter.isAbsent(digest(i))).isFalse();
        }
        int known = 0;
        for (int i = BLOBS + 1; i < 2 * BLOBS; i++) {
          known += filter.isAbsent(digest(i)) ? 1 : 0;
        }
        assertThat(known).isGreaterThan(BLOBS * 9 / 10);
      }
    }
  }

  private static void awaitFilled(AbsenceFilter filter) throws InterruptedException {
    for (int i = 0; i < 1000; i++) {
      for (int probe = 0; probe < 100; probe++) {
        if (filter.isAbsent(digest(-1 - probe))) {
          return;
        }
      }
      Thread.sleep(10);
    }
    throw new AssertionError("the filter was not filled");
  }

  private static Digest digest(int number) {
    return Digest.of(ByteBuffer.allocate(4).putInt(number).flip());
  }
}

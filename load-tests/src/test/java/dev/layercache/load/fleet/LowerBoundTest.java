package dev.layercache.load.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.load.data.BlobFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LowerBoundTest {
  private static final long UNIT = 64;
  private static final long CONFIG = 2 << 10;

  @Test
  void theFirstBuildPullsTheBaseAndPushesWhatItMade() {
    var day = new Day(new BlobFactory(1), 1, 1, UNIT);
    long base = 32 * UNIT + CONFIG;
    long made = 9 * UNIT + CONFIG;
    var bound = new LowerBound();
    assertThat(bound.after(day.rounds().getFirst())).isEqualTo(2 * base + made);
    assertThat(bound.upstreamBytes()).isEqualTo(base);
  }

  @Test
  void nothingMovesTwice() {
    var day = new Day(new BlobFactory(1), 3, 2, UNIT);
    var bound = new LowerBound();
    long first = bound.after(day.rounds().getFirst());
    assertThat(bound.after(day.rounds().getFirst())).isEqualTo(first);
    assertThat(bound.after(day.rounds().getLast())).isGreaterThan(first);
  }

  @Test
  void theBasesAreUpdatedHalfway() {
    var day = new Day(new BlobFactory(1), 1, 2, UNIT);
    assertThat(day.bases()).hasSize(2 * Day.BASES);
    assertThat(day.bases().subList(0, Day.BASES))
        .contains(day.rounds().getFirst().getFirst().built().base());
    assertThat(day.bases().subList(Day.BASES, 2 * Day.BASES))
        .contains(day.rounds().getLast().getFirst().built().base());
  }

  @Test
  void aManifestNamesEveryBlob() {
    var image = new Day(new BlobFactory(1), 1, 1, UNIT).rounds().getFirst().getFirst().built();
    var manifest = new String(image.manifest(), StandardCharsets.UTF_8);
    assertThat(image.blobs()).hasSize(6);
    assertThat(image.blobs())
        .allSatisfy(blob -> assertThat(manifest).contains(blob.digest().hex()));
    assertThat(image.bytes()).isEqualTo(Day.IMAGE_UNITS * UNIT + CONFIG);
  }
}

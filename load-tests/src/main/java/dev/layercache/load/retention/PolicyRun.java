package dev.layercache.load.retention;

import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.image.CopiedRepositories;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.ImmutableTags;
import dev.layercache.server.metadata.MemoryMetadataStore;
import dev.layercache.server.retention.RepositoryRule;
import dev.layercache.server.retention.RepositoryRule.Keep;
import dev.layercache.server.retention.Retention;
import dev.layercache.server.retention.RetentionOptions;
import dev.layercache.server.retention.RetentionRules;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Drives the server's own retention through the month: its rules, its index, its eviction. */
final class PolicyRun {
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final double HIGH = 0.9;

  /** Evictions in the history, which is kept on the heap here: full after some days. */
  static final long REMEMBERED = 5_000;

  private final CiMonth month;
  private final HitRatio ratio = new HitRatio();
  private final MonthClock clock = new MonthClock();
  private final SizesOnly store;
  private final Images images;
  private final Retention retention;
  private final Digest[] blobs;
  private final Digest[] manifests;

  private static final class MonthClock extends Clock {
    private volatile Instant now = START;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("only UTC");
    }
  }

  PolicyRun(CiMonth month, long limit) throws IOException {
    this.month = month;
    this.store = new SizesOnly(clock, limit);
    var metadata = new MemoryMetadataStore();
    var rules =
        new RetentionRules(List.of(RepositoryRule.of("**", Keep.EVICTABLE)), repository -> false);
    this.images =
        new Images(store, metadata, clock, CopiedRepositories.NONE, store, ImmutableTags.NONE);
    this.retention =
        new Retention(
            store,
            store,
            store,
            metadata,
            images,
            RetentionOptions.DEFAULTS.withRemembered(REMEMBERED),
            rules,
            clock);
    this.blobs = new Digest[month.blobs()];
    for (int i = 0; i < blobs.length; i++) {
      blobs[i] = Digest.of(ByteBuffer.allocate(8).putInt(i).array());
    }
    this.manifests = new Digest[month.images()];
  }

  /**
   * Runs the month.
   *
   * @param everyDay is told the day that has ended
   */
  HitRatio run(Consumer<Integer> everyDay) throws IOException {
    int day = 0;
    int[] pulls = month.pulls();
    try (retention) {
      for (int i = 0; i < pulls.length; i++) {
        clock.now = START.plus(month.at(i));
        pull(pulls[i]);
        if (month.at(i).toDays() > day) {
          everyDay.accept(++day);
        }
      }
    }
    return ratio;
  }

  /** Bytes that were evicted. */
  long evictedBytes() {
    return retention.counters().bytes();
  }

  /** Entries that its history of evictions ever had. */
  long evictionsRecorded() {
    return retention.history().entries();
  }

  private void pull(int number) throws IOException {
    var image = month.image(number);
    var known = manifests[number];
    boolean whole =
        known != null && images.resolve(image.repository(), known.toString()).isPresent();
    ratio.request(2_000, whole);
    for (int blob : image.blobs()) {
      boolean hit = whole || store.renew(blobs[blob]);
      ratio.request(month.size(blob), hit);
      if (!hit) {
        store.add(blobs[blob], month.size(blob));
      }
    }
    if (!whole) {
      byte[] manifest = manifest(image);
      manifests[number] =
          images
              .put(
                  image.repository(),
                  Optional.empty(),
                  List.of(image.tag()),
                  manifest,
                  MediaTypes.OCI_MANIFEST)
              .descriptor()
              .digest();
      if (store.usage().bytes() > store.limit() * HIGH) {
        retention.collect();
      }
    }
  }

  private byte[] manifest(CiMonth.Image image) {
    var layers = new ArrayList<String>();
    for (int i = 1; i < image.blobs().length; i++) {
      layers.add(descriptor(MediaTypes.OCI_LAYER, image.blobs()[i]));
    }
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
        .formatted(
            MediaTypes.OCI_MANIFEST,
            descriptor(MediaTypes.OCI_CONFIG, image.blobs()[0]),
            String.join(",", layers))
        .getBytes(StandardCharsets.UTF_8);
  }

  private String descriptor(String mediaType, int blob) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, blobs[blob], month.size(blob));
  }
}

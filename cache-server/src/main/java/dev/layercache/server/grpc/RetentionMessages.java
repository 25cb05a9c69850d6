package dev.layercache.server.grpc;

import dev.layercache.server.retention.DiskUsage;
import dev.layercache.server.retention.Eviction;
import dev.layercache.server.retention.Explanation;
import dev.layercache.server.retention.Pin;
import dev.layercache.v1.EvictedItem;
import dev.layercache.v1.ExplainResponse;
import dev.layercache.v1.PinnedImage;
import java.time.Instant;

/** The messages of {@link RetentionService}. */
final class RetentionMessages {
  private RetentionMessages() {}

  static PinnedImage pin(Pin pin) {
    return PinnedImage.newBuilder()
        .setRepository(pin.repository())
        .setReference(pin.reference())
        .setDigest(pin.manifest().toString())
        .setBytes(pin.bytes())
        .setUntilMillis(pin.until().map(Instant::toEpochMilli).orElse(0L))
        .build();
  }

  static EvictedItem evicted(Eviction eviction) {
    return EvictedItem.newBuilder()
        .setDigest(eviction.digest().toString())
        .setRepository(eviction.repository().orElse(""))
        .addAllTags(eviction.tags())
        .setBlobs(eviction.blobs())
        .setBytes(eviction.bytes())
        .setLastUseMillis(eviction.lastUse().toEpochMilli())
        .setEvictedMillis(eviction.evicted().toEpochMilli())
        .setReason(eviction.reason())
        .build();
  }

  static ExplainResponse explanation(Explanation explanation) {
    var response =
        ExplainResponse.newBuilder()
            .setPresent(explanation.bytes().isPresent())
            .setDigest(explanation.digest().toString())
            .setBytes(explanation.bytes().orElse(0L))
            .setLastUseMillis(explanation.lastUse().map(Instant::toEpochMilli).orElse(0L))
            .setImageCount(explanation.imageCount())
            .setLeasedUntilMillis(explanation.leasedUntil().map(Instant::toEpochMilli).orElse(0L))
            .setOutlook(explanation.outlook())
            .setOlderBytes(explanation.olderBytes());
    explanation.images().forEach(image -> response.addImages(image(image)));
    explanation.evicted().ifPresent(gone -> response.setEvicted(evicted(gone)));
    return response.build();
  }

  static dev.layercache.v1.DiskUsage usage(DiskUsage.Report report) {
    var usage =
        dev.layercache.v1.DiskUsage.newBuilder()
            .setMore(report.more())
            .setBlobBytes(report.blobBytes())
            .setImageBytes(report.imageBytes())
            .setDiskBytes(report.diskBytes())
            .setBudgetBytes(report.budgetBytes());
    for (var repository : report.repositories()) {
      usage.addRepositories(
          dev.layercache.v1.DiskUsage.Repository.newBuilder()
              .setName(repository.name())
              .setImages(repository.images())
              .setBytes(repository.bytes())
              .setExclusiveBytes(repository.exclusiveBytes()));
    }
    for (var image : report.images()) {
      usage.addImages(
          dev.layercache.v1.DiskUsage.Image.newBuilder()
              .setRepository(image.repository())
              .setDigest(image.digest().toString())
              .addAllTags(image.tags())
              .setBytes(image.bytes())
              .setExclusiveBytes(image.exclusiveBytes())
              .setLastUseMillis(image.lastUse().toEpochMilli())
              .setKept(image.kept()));
    }
    return usage.build();
  }

  private static ExplainResponse.Image image(Explanation.Image image) {
    return ExplainResponse.Image.newBuilder()
        .setRepository(image.repository())
        .setDigest(image.digest().toString())
        .addAllTags(image.tags())
        .setLastUseMillis(image.lastUse().toEpochMilli())
        .setKept(image.kept())
        .setReason(image.reason())
        .setBytes(image.bytes())
        .setExclusiveBytes(image.exclusiveBytes())
        .build();
  }
}

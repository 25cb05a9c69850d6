package dev.layercache.client;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.v1.CollectRequest;
import dev.layercache.v1.EvictedItem;
import dev.layercache.v1.ExplainRequest;
import dev.layercache.v1.GetDiskUsageRequest;
import dev.layercache.v1.LeaseRequest;
import dev.layercache.v1.ListPinsRequest;
import dev.layercache.v1.PinRequest;
import dev.layercache.v1.PinnedImage;
import dev.layercache.v1.RetentionGrpc;
import dev.layercache.v1.UnpinRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The calls of {@code layercache.v1.Retention}. Thread-safe. */
final class RetentionCalls {
  private final Connection connection;

  RetentionCalls(Connection connection) {
    this.connection = connection;
  }

  PinInfo pin(ImageReference reference, Optional<Duration> length) throws LayercacheException {
    return pin(
        connection.call(
            RetentionGrpc.getPinMethod(),
            PinRequest.newBuilder()
                .setRepository(reference.repository())
                .setReference(reference.manifestReference())
                .setForMillis(length.map(Duration::toMillis).orElse(0L))
                .build()));
  }

  void unpin(ImageReference reference) throws LayercacheException {
    connection.call(
        RetentionGrpc.getUnpinMethod(),
        UnpinRequest.newBuilder()
            .setRepository(reference.repository())
            .setReference(reference.manifestReference())
            .build());
  }

  PinList pins() throws LayercacheException {
    var response =
        connection.call(RetentionGrpc.getListPinsMethod(), ListPinsRequest.getDefaultInstance());
    var pins = new ArrayList<PinInfo>();
    for (var pin : response.getPinsList()) {
      pins.add(pin(pin));
    }
    return new PinList(pins, response.getTakenBytes(), response.getLimitBytes());
  }

  LeaseInfo lease(Collection<Digest> digests, Duration length) throws LayercacheException {
    var response =
        connection.call(
            RetentionGrpc.getLeaseMethod(),
            LeaseRequest.newBuilder()
                .addAllDigests(digests.stream().map(Digest::toString).toList())
                .setForMillis(length.toMillis())
                .build());
    var missing = new ArrayList<Digest>();
    for (var digest : response.getMissingList()) {
      missing.add(digest(digest));
    }
    return new LeaseInfo(Instant.ofEpochMilli(response.getUntilMillis()), missing);
  }

  Explanation explain(Digest digest) throws LayercacheException {
    return explain(ExplainRequest.newBuilder().setDigest(digest.toString()).build());
  }

  Explanation explain(ImageReference reference) throws LayercacheException {
    if (reference.digest().isPresent()) {
      return explain(reference.digest().get());
    }
    return explain(
        ExplainRequest.newBuilder()
            .setRepository(reference.repository())
            .setTag(reference.tagOrDefault())
            .build());
  }

  private Explanation explain(ExplainRequest request) throws LayercacheException {
    var response = connection.call(RetentionGrpc.getExplainMethod(), request);
    var images = new ArrayList<StoredImage>();
    for (var image : response.getImagesList()) {
      images.add(
          new StoredImage(
              image.getRepository(),
              digest(image.getDigest()),
              image.getTagsList(),
              Instant.ofEpochMilli(image.getLastUseMillis()),
              image.getKept(),
              image.getReason(),
              image.getBytes(),
              image.getExclusiveBytes()));
    }
    return new Explanation(
        digest(response.getDigest()),
        response.getPresent() ? Optional.of(response.getBytes()) : Optional.empty(),
        response.getPresent() ? time(response.getLastUseMillis()) : Optional.empty(),
        images,
        response.getImageCount(),
        time(response.getLeasedUntilMillis()),
        response.getOutlook(),
        response.getOlderBytes(),
        response.hasEvicted() ? Optional.of(eviction(response.getEvicted())) : Optional.empty());
  }

  DiskUsage diskUsage(Optional<String> repository, boolean withImages) throws LayercacheException {
    var response =
        connection.call(
            RetentionGrpc.getGetDiskUsageMethod(),
            GetDiskUsageRequest.newBuilder()
                .setRepository(repository.orElse(""))
                .setImages(withImages)
                .build());
    var images = new ArrayList<StoredImage>();
    for (var image : response.getImagesList()) {
      images.add(
          new StoredImage(
              image.getRepository(),
              digest(image.getDigest()),
              image.getTagsList(),
              Instant.ofEpochMilli(image.getLastUseMillis()),
              image.getKept(),
              "",
              image.getBytes(),
              image.getExclusiveBytes()));
    }
    return new DiskUsage(
        response.getRepositoriesList().stream()
            .map(
                found ->
                    new DiskUsage.Repository(
                        found.getName(),
                        found.getImages(),
                        found.getBytes(),
                        found.getExclusiveBytes()))
            .toList(),
        images,
        response.getMore(),
        response.getBlobBytes(),
        response.getImageBytes(),
        response.getDiskBytes(),
        response.getBudgetBytes());
  }

  CollectReport collect(boolean dryRun, long freeBytes) throws LayercacheException {
    var response =
        connection.call(
            RetentionGrpc.getCollectMethod(),
            CollectRequest.newBuilder().setDryRun(dryRun).setFreeBytes(freeBytes).build());
    List<EvictionInfo> items = new ArrayList<>();
    for (var item : response.getItemsList()) {
      items.add(eviction(item));
    }
    return new CollectReport(
        items, response.getBlobs(), response.getBytes(), response.getObstacle());
  }

  private static PinInfo pin(PinnedImage pin) throws LayercacheException {
    return new PinInfo(
        pin.getRepository(),
        pin.getReference(),
        digest(pin.getDigest()),
        pin.getBytes(),
        time(pin.getUntilMillis()));
  }

  private static EvictionInfo eviction(EvictedItem item) throws LayercacheException {
    return new EvictionInfo(
        digest(item.getDigest()),
        Optional.of(item.getRepository()).filter(name -> !name.isEmpty()),
        item.getTagsList(),
        item.getBlobs(),
        item.getBytes(),
        Instant.ofEpochMilli(item.getLastUseMillis()),
        time(item.getEvictedMillis()),
        item.getReason());
  }

  private static Optional<Instant> time(long millis) {
    return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static Digest digest(String text) throws LayercacheException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new LayercacheException(
          Kind.FAILED, "the server sent a malformed " + e.getMessage(), e);
    }
  }
}

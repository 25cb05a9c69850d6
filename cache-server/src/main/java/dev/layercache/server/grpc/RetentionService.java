package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.image.Images;
import dev.layercache.server.retention.Eviction;
import dev.layercache.server.retention.Explanation;
import dev.layercache.server.retention.PinLimitException;
import dev.layercache.server.retention.Retention;
import dev.layercache.v1.CollectRequest;
import dev.layercache.v1.CollectResponse;
import dev.layercache.v1.EvictedItem;
import dev.layercache.v1.ExplainRequest;
import dev.layercache.v1.ExplainResponse;
import dev.layercache.v1.GetDiskUsageRequest;
import dev.layercache.v1.LeaseRequest;
import dev.layercache.v1.LeaseResponse;
import dev.layercache.v1.ListPinsRequest;
import dev.layercache.v1.ListPinsResponse;
import dev.layercache.v1.PinRequest;
import dev.layercache.v1.PinnedImage;
import dev.layercache.v1.RetentionGrpc;
import dev.layercache.v1.UnpinRequest;
import dev.layercache.v1.UnpinResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code layercache.v1.Retention}: pins, leases and explanations. Every method blocks, so calls
 * must come on virtual threads.
 */
public final class RetentionService extends RetentionGrpc.RetentionImplBase {
  private static final int MAX_ITEMS = 1_000;

  private final Retention retention;
  private final Images images;

  /** Both stay the caller's. */
  public RetentionService(Retention retention, Images images) {
    this.retention = retention;
    this.images = images;
  }

  @Override
  public void pin(PinRequest request, StreamObserver<PinnedImage> observer) {
    answer(
        observer,
        () -> {
          String reference = orLatest(request.getReference());
          var length =
              request.getForMillis() == 0
                  ? Optional.<Duration>empty()
                  : Optional.of(millis("for_millis", request.getForMillis()));
          return retention
              .pins()
              .pin(request.getRepository(), reference, length)
              .map(RetentionMessages::pin)
              .orElseThrow(() -> noImage(request.getRepository(), reference));
        });
  }

  @Override
  public void unpin(UnpinRequest request, StreamObserver<UnpinResponse> observer) {
    answer(
        observer,
        () -> {
          String reference = orLatest(request.getReference());
          if (!retention.pins().unpin(request.getRepository(), reference)) {
            throw GrpcErrors.notFound(
                "image %s:%s is not pinned", request.getRepository(), reference);
          }
          return UnpinResponse.getDefaultInstance();
        });
  }

  @Override
  public void listPins(ListPinsRequest request, StreamObserver<ListPinsResponse> observer) {
    answer(
        observer,
        () -> {
          var response =
              ListPinsResponse.newBuilder()
                  .setTakenBytes(retention.pinnedBytes())
                  .setLimitBytes(retention.pinnedLimit());
          retention.pins().list().forEach(pin -> response.addPins(RetentionMessages.pin(pin)));
          return response.build();
        });
  }

  @Override
  public void lease(LeaseRequest request, StreamObserver<LeaseResponse> observer) {
    answer(
        observer,
        () -> {
          var digests = request.getDigestsList().stream().map(Digest::parse).toList();
          var granted =
              retention.leases().lease(digests, millis("for_millis", request.getForMillis()));
          return LeaseResponse.newBuilder()
              .setUntilMillis(granted.until().toEpochMilli())
              .addAllMissing(granted.missing().stream().map(Digest::toString).toList())
              .build();
        });
  }

  @Override
  public void explain(ExplainRequest request, StreamObserver<ExplainResponse> observer) {
    answer(observer, () -> RetentionMessages.explanation(explanation(request)));
  }

  private Explanation explanation(ExplainRequest request) throws IOException, StatusException {
    if (!request.getDigest().isEmpty()) {
      return retention.explainer().explain(Digest.parse(request.getDigest()));
    }
    String tag = orLatest(request.getTag());
    ImageReference.requireTag(tag);
    var manifest = images.tagged(request.getRepository(), tag);
    if (manifest.isPresent()) {
      return retention.explainer().explain(manifest.get());
    }
    var evicted = retention.history().of(request.getRepository(), tag);
    if (evicted.isEmpty()) {
      throw GrpcErrors.notFound(
          "image %s:%s is not stored, and the history of evictions does not have it",
          request.getRepository(), tag);
    }
    return retention.explainer().gone(evicted.get());
  }

  @Override
  public void getDiskUsage(
      GetDiskUsageRequest request, StreamObserver<dev.layercache.v1.DiskUsage> observer) {
    var only = Optional.of(request.getRepository()).filter(name -> !name.isEmpty());
    answer(
        observer,
        () -> RetentionMessages.usage(retention.usage().report(only, request.getImages())));
  }

  @Override
  public void collect(CollectRequest request, StreamObserver<CollectResponse> observer) {
    answer(observer, () -> request.getDryRun() ? plan(request) : collect());
  }

  private CollectResponse plan(CollectRequest request) throws IOException {
    long wanted = request.getFreeBytes() > 0 ? request.getFreeBytes() : retention.excess();
    var plan = retention.plan().plan(wanted);
    return response(
        plan.items(),
        false,
        plan.items().stream().mapToLong(Eviction::blobs).sum(),
        plan.bytes(),
        plan.enough() ? "" : "all that may go is less than the %d bytes wanted".formatted(wanted));
  }

  private CollectResponse collect() throws IOException {
    long blobs = retention.counters().blobs();
    long bytes = retention.counters().bytes();
    long entries = retention.history().entries();
    retention.collect();
    long added = Math.min(MAX_ITEMS, retention.history().entries() - entries);
    return response(
        added == 0 ? List.of() : retention.history().newest((int) added),
        true,
        retention.counters().blobs() - blobs,
        retention.counters().bytes() - bytes,
        retention.obstacle().orElse(""));
  }

  private static CollectResponse response(
      List<Eviction> items, boolean gone, long blobs, long bytes, String obstacle) {
    var listed = new ArrayList<EvictedItem>();
    for (var item : items) {
      var message = RetentionMessages.evicted(item);
      listed.add(gone ? message : message.toBuilder().setEvictedMillis(0).build());
    }
    return CollectResponse.newBuilder()
        .addAllItems(listed)
        .setBlobs(blobs)
        .setBytes(bytes)
        .setObstacle(obstacle)
        .build();
  }

  private interface Method<A> {
    A run() throws IOException, StatusException;
  }

  private static <A> void answer(StreamObserver<A> observer, Method<A> method) {
    A response;
    try {
      response = method.run();
    } catch (PinLimitException e) {
      observer.onError(Status.RESOURCE_EXHAUSTED.withDescription(e.getMessage()).asException());
      return;
    } catch (IOException | StatusException | RuntimeException e) {
      observer.onError(ImageErrors.of(e));
      return;
    }
    observer.onNext(response);
    observer.onCompleted();
  }

  private static String orLatest(String reference) {
    return reference.isEmpty() ? ImageReference.DEFAULT_TAG : reference;
  }

  private static Duration millis(String field, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s: %d (expected: at least 1)".formatted(field, value));
    }
    return Duration.ofMillis(value);
  }

  private static StatusException noImage(String repository, String reference) {
    return GrpcErrors.notFound(
        "image %s%s%s is not stored, or a part of it is gone",
        repository, reference.indexOf(':') < 0 ? ":" : "@", reference);
  }
}

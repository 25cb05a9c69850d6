package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.prefetch.PrefetchOrder;
import dev.layercache.server.prefetch.PrefetchProgress;
import dev.layercache.server.prefetch.Prefetcher;
import dev.layercache.server.upstream.UpstreamStatistics;
import dev.layercache.v1.ListUpstreamsRequest;
import dev.layercache.v1.ListUpstreamsResponse;
import dev.layercache.v1.MirrorsGrpc;
import dev.layercache.v1.PrefetchRequest;
import dev.layercache.v1.PrefetchResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code layercache.v1.Mirrors}: images are stored before they are asked for. Its methods block, so
 * calls must come on virtual threads.
 */
public final class MirrorsService extends MirrorsGrpc.MirrorsImplBase {
  private static final long MAX_PIN_SECONDS = Duration.ofDays(3650).toSeconds();

  private final Prefetcher prefetcher;
  private final Fills fills;
  private final Supplier<List<UpstreamStatistics>> upstreams;

  /**
   * @param fills count what clients wanted
   * @param upstreams gives what is known of registries now
   */
  public MirrorsService(
      Prefetcher prefetcher, Fills fills, Supplier<List<UpstreamStatistics>> upstreams) {
    this.prefetcher = prefetcher;
    this.fills = fills;
    this.upstreams = upstreams;
  }

  @Override
  public void listUpstreams(
      ListUpstreamsRequest request, StreamObserver<ListUpstreamsResponse> observer) {
    observer.onNext(UpstreamMessages.of(upstreams.get(), fills.statistics()));
    observer.onCompleted();
  }

  @Override
  public void prefetch(PrefetchRequest request, StreamObserver<PrefetchResponse> observer) {
    var call = (ServerCallStreamObserver<PrefetchResponse>) observer;
    // With a handler, a call that was cancelled takes messages without throwing.
    call.setOnCancelHandler(() -> {});
    try {
      var teller = new Teller(call);
      var done = prefetcher.run(order(request), teller::tell, call::isCancelled);
      call.onNext(message(done, done.resolved()).setDone(true).build());
      call.onCompleted();
    } catch (IOException | RuntimeException e) {
      call.onError(ImageErrors.of(e));
    }
  }

  /** Tells what changed; a client that does not listen is told less, not later. */
  private static final class Teller {
    private final ServerCallStreamObserver<PrefetchResponse> call;
    private List<PrefetchProgress.Image> told = List.of();

    Teller(ServerCallStreamObserver<PrefetchResponse> call) {
      this.call = call;
    }

    void tell(PrefetchProgress progress) {
      if (call.isReady()) {
        boolean changed = !progress.resolved().equals(told);
        call.onNext(message(progress, changed ? progress.resolved() : List.of()).build());
        told = progress.resolved();
      }
    }
  }

  private static PrefetchOrder order(PrefetchRequest request) {
    long pin = request.getPinSeconds();
    if (pin < 0 || pin > MAX_PIN_SECONDS) {
      throw new IllegalArgumentException(
          "pin_seconds: %d (expected: 0 to %d)".formatted(pin, MAX_PIN_SECONDS));
    }
    return new PrefetchOrder(
        request.getImagesList().stream().map(ImageReference::parse).toList(),
        request.getPlatformsList().stream().map(Platform::parse).toList(),
        pin == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(pin)),
        request.getPlanOnly());
  }

  private static PrefetchResponse.Builder message(
      PrefetchProgress progress, List<PrefetchProgress.Image> images) {
    var message =
        PrefetchResponse.newBuilder()
            .setBlobs(progress.blobs())
            .setBytes(progress.bytes())
            .setBlobsStored(progress.blobsStored())
            .setBytesStored(progress.bytesStored())
            .setBytesFetched(progress.bytesFetched());
    for (var image : images) {
      message
          .addImagesBuilder()
          .setName(image.name().toString())
          .setDigest(image.manifest().map(Digest::toString).orElse(""))
          .setBlobs(image.blobs())
          .setBytes(image.bytes())
          .setFailure(image.failure().orElse(""));
    }
    return message;
  }
}

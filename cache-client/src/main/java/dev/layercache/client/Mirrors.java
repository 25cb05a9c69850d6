package dev.layercache.client;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.v1.ListUpstreamsRequest;
import dev.layercache.v1.ListUpstreamsResponse;
import dev.layercache.v1.MirrorsGrpc;
import dev.layercache.v1.PrefetchRequest;
import dev.layercache.v1.PrefetchResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** The calls of {@code layercache.v1.Mirrors}. Thread-safe, no state. */
final class Mirrors {
  private final Connection connection;

  Mirrors(Connection connection) {
    this.connection = connection;
  }

  /** Repeated when the server cannot be reached: what it stored meanwhile is not fetched again. */
  PrefetchReport prefetch(
      List<ImageReference> images, PrefetchOptions options, Consumer<PrefetchReport> listener)
      throws IOException {
    var request = request(images, options);
    for (int failed = 0; ; failed++) {
      try {
        return connection.transfer(channel -> once(channel, request, listener));
      } catch (LayercacheException e) {
        connection.pauseBeforeRetry(failed, e);
      }
    }
  }

  /** Empty from a server that has no such call. */
  List<UpstreamInfo> upstreams() throws LayercacheException {
    try {
      var response =
          connection.call(
              MirrorsGrpc.getListUpstreamsMethod(), ListUpstreamsRequest.getDefaultInstance());
      return response.getUpstreamsList().stream().map(Mirrors::upstream).toList();
    } catch (LayercacheException e) {
      if (e.getCause() instanceof StatusRuntimeException status
          && status.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        return List.of();
      }
      throw e;
    }
  }

  private static UpstreamInfo upstream(ListUpstreamsResponse.Upstream upstream) {
    return new UpstreamInfo(
        upstream.getName(),
        upstream.getBreaker(),
        upstream.getReason(),
        upstream.getRequests(),
        upstream.getFailures(),
        upstream.hasRateLimit() ? OptionalLong.of(upstream.getRateLimit()) : OptionalLong.empty(),
        upstream.hasRateRemaining()
            ? OptionalLong.of(upstream.getRateRemaining())
            : OptionalLong.empty(),
        Duration.ofMillis(upstream.getPauseMillis()),
        upstream.getHits(),
        upstream.getMisses(),
        upstream.getFills(),
        upstream.getFillsFailed(),
        upstream.getWrongBytes(),
        upstream.getBytesFilled(),
        upstream.getBytesServed());
  }

  private PrefetchReport once(
      Channel channel, PrefetchRequest request, Consumer<PrefetchReport> listener)
      throws LayercacheException {
    try (var call =
        new StreamCall<>(connection, channel, MirrorsGrpc.getPrefetchMethod(), "prefetch")) {
      call.sendOnly(request);
      List<PrefetchReport.Image> images = List.of();
      while (true) {
        var message =
            call.receive(0, 0)
                .orElseThrow(
                    () ->
                        new LayercacheException(
                            LayercacheException.Kind.FAILED,
                            "prefetch ended without a last message"));
        if (message.getImagesCount() > 0) {
          images = message.getImagesList().stream().map(Mirrors::image).toList();
        }
        var report = report(message, images);
        listener.accept(report);
        if (message.getDone()) {
          return report;
        }
      }
    }
  }

  private static PrefetchRequest request(List<ImageReference> images, PrefetchOptions options) {
    var request =
        PrefetchRequest.newBuilder()
            .setPinSeconds(options.pin().map(Duration::toSeconds).orElse(0L))
            .setPlanOnly(options.planOnly());
    images.forEach(image -> request.addImages(image.toString()));
    options.platforms().forEach(platform -> request.addPlatforms(platform.toString()));
    return request.build();
  }

  private static PrefetchReport report(
      PrefetchResponse message, List<PrefetchReport.Image> images) {
    return new PrefetchReport(
        images,
        message.getBlobs(),
        message.getBytes(),
        message.getBlobsStored(),
        message.getBytesStored(),
        message.getBytesFetched());
  }

  private static PrefetchReport.Image image(PrefetchResponse.Image image) {
    return new PrefetchReport.Image(
        ImageReference.parse(image.getName()),
        image.getDigest().isEmpty()
            ? Optional.empty()
            : Optional.of(Digest.parse(image.getDigest())),
        image.getBlobs(),
        image.getBytes(),
        Optional.of(image.getFailure()).filter(failure -> !failure.isEmpty()));
  }
}

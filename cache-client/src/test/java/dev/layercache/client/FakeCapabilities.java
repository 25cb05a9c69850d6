package dev.layercache.client;

import build.bazel.remote.execution.v2.CacheCapabilities;
import build.bazel.remote.execution.v2.CapabilitiesGrpc;
import build.bazel.remote.execution.v2.GetCapabilitiesRequest;
import build.bazel.remote.execution.v2.ServerCapabilities;
import io.grpc.stub.StreamObserver;

/** Advertises a small batch, so that few blobs fill one. */
final class FakeCapabilities extends CapabilitiesGrpc.CapabilitiesImplBase {
  static final int MAX_BATCH_BYTES = 1 << 20;

  @Override
  public void getCapabilities(
      GetCapabilitiesRequest request, StreamObserver<ServerCapabilities> answer) {
    answer.onNext(
        ServerCapabilities.newBuilder()
            .setCacheCapabilities(
                CacheCapabilities.newBuilder().setMaxBatchTotalSizeBytes(MAX_BATCH_BYTES))
            .build());
    answer.onCompleted();
  }
}

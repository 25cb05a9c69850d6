package dev.layercache.server.grpc;

import build.bazel.remote.execution.v2.ActionCacheUpdateCapabilities;
import build.bazel.remote.execution.v2.CacheCapabilities;
import build.bazel.remote.execution.v2.CapabilitiesGrpc;
import build.bazel.remote.execution.v2.DigestFunction;
import build.bazel.remote.execution.v2.GetCapabilitiesRequest;
import build.bazel.remote.execution.v2.ServerCapabilities;
import build.bazel.remote.execution.v2.SymlinkAbsolutePathStrategy;
import build.bazel.semver.SemVer;
import io.grpc.stub.StreamObserver;

/** REAPI Capabilities: what this server can do. The same for every instance name; never blocks. */
final class CapabilitiesService extends CapabilitiesGrpc.CapabilitiesImplBase {
  /**
   * Less than the 4 MiB that gRPC clients take by default, with room for what is around the bytes.
   * Buck2 also takes it as the size of its write messages.
   */
  static final int MAX_BATCH_BYTES = 7 << 19;

  private final ServerCapabilities capabilities;

  /**
   * @param maxBlobBytes largest blob that the store takes in
   */
  CapabilitiesService(long maxBlobBytes) {
    var cache =
        CacheCapabilities.newBuilder()
            .addDigestFunctions(DigestFunction.Value.SHA256)
            .addDigestFunctions(DigestFunction.Value.SHA512)
            .setActionCacheUpdateCapabilities(
                ActionCacheUpdateCapabilities.newBuilder().setUpdateEnabled(false))
            .setMaxBatchTotalSizeBytes(MAX_BATCH_BYTES)
            .setMaxCasBlobSizeBytes(maxBlobBytes)
            .setSymlinkAbsolutePathStrategy(SymlinkAbsolutePathStrategy.Value.ALLOWED);
    this.capabilities =
        ServerCapabilities.newBuilder()
            .setCacheCapabilities(cache)
            .setLowApiVersion(SemVer.newBuilder().setMajor(2))
            .setHighApiVersion(SemVer.newBuilder().setMajor(2).setMinor(3))
            .build();
  }

  @Override
  public void getCapabilities(
      GetCapabilitiesRequest request, StreamObserver<ServerCapabilities> observer) {
    observer.onNext(capabilities);
    observer.onCompleted();
  }
}

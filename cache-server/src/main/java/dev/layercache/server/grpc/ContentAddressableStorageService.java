package dev.layercache.server.grpc;

import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsResponse;
import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import build.bazel.remote.execution.v2.FindMissingBlobsResponse;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.transport.Received;
import dev.layercache.transport.ReceivedMarshaller;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** REAPI ContentAddressableStorage: many small blobs in one call. */
final class ContentAddressableStorageService implements BindableService {
  private static final MethodDescriptor<Received<BatchUpdateBlobsRequest>, BatchUpdateBlobsResponse>
      BATCH_UPDATE =
          ContentAddressableStorageGrpc.getBatchUpdateBlobsMethod().toBuilder(
                  new ReceivedMarshaller<>(BatchUpdateBlobsRequest.parser()),
                  ContentAddressableStorageGrpc.getBatchUpdateBlobsMethod().getResponseMarshaller())
              .build();

  /** Some 50 us on an event loop. */
  private static final int MOST_AT_ONCE = 256;

  private final BlobStore store;
  private final CallLimits limits;
  private final Executor threads;

  ContentAddressableStorageService(BlobStore store, CallLimits limits, Executor threads) {
    this.store = store;
    this.limits = limits;
    this.threads = threads;
  }

  @Override
  public ServerServiceDefinition bindService() {
    var calls = new BlockingCalls(threads);
    var findMissing = ContentAddressableStorageGrpc.getFindMissingBlobsMethod();
    var batchRead = ContentAddressableStorageGrpc.getBatchReadBlobsMethod();
    var descriptor =
        ServiceDescriptor.newBuilder(ContentAddressableStorageGrpc.SERVICE_NAME)
            .setSchemaDescriptor(
                ContentAddressableStorageGrpc.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(findMissing)
            .addMethod(BATCH_UPDATE)
            .addMethod(batchRead)
            .build();
    return ServerServiceDefinition.builder(descriptor)
        .addMethod(findMissing, calls.unary(this::findMissingAtOnce, this::findMissing))
        .addMethod(
            BATCH_UPDATE,
            calls.receiving(
                limits.stall(),
                (inbox, call) -> new BatchUpdate(store, call, inbox, limits.inbound())))
        .addMethod(batchRead, calls.unary(new BatchRead(store, limits.batchReads())))
        .build();
  }

  /** On an event loop, so only of a few; others and what is not in memory go the long way. */
  private Optional<FindMissingBlobsResponse> findMissingAtOnce(FindMissingBlobsRequest request)
      throws StatusException {
    int count = request.getBlobDigestsCount();
    if (count > MOST_AT_ONCE) {
      return Optional.empty();
    }
    var asked = asked(request);
    return StoredBlobs.areStoredAtOnce(store, asked)
        .map(
            stored -> {
              if (stored.cardinality() == count) {
                return FindMissingBlobsResponse.getDefaultInstance();
              }
              var response = FindMissingBlobsResponse.newBuilder();
              var answered = new HashSet<SizedDigest>();
              for (int i = stored.nextClearBit(0); i < count; i = stored.nextClearBit(i + 1)) {
                if (answered.add(asked.get(i))) {
                  response.addMissingBlobDigests(request.getBlobDigests(i));
                }
              }
              return response.build();
            });
  }

  private static List<SizedDigest> asked(FindMissingBlobsRequest request) throws StatusException {
    var asked = new ArrayList<SizedDigest>(request.getBlobDigestsCount());
    for (var digest : request.getBlobDigestsList()) {
      asked.add(SizedDigest.of(request.getDigestFunction(), digest));
    }
    return asked;
  }

  /** At most as many digests as fit an inbound message. */
  private FindMissingBlobsResponse findMissing(FindMissingBlobsRequest request)
      throws IOException, StatusException {
    var asked = asked(request);
    var missing = StoredBlobs.findMissing(store, asked);
    var response = FindMissingBlobsResponse.newBuilder();
    for (int i = 0; i < asked.size() && !missing.isEmpty(); i++) {
      // Removed, so that what was asked twice is answered once.
      if (missing.remove(asked.get(i))) {
        response.addMissingBlobDigests(request.getBlobDigests(i));
      }
    }
    return response.build();
  }
}

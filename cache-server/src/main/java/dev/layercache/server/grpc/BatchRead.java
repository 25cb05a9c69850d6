package dev.layercache.server.grpc;

import build.bazel.remote.execution.v2.BatchReadBlobsRequest;
import build.bazel.remote.execution.v2.BatchReadBlobsResponse;
import build.bazel.remote.execution.v2.Digest;
import build.bazel.remote.execution.v2.DigestFunction;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import io.grpc.StatusException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Answers {@code BatchReadBlobs}. Each blob has a status of its own. */
final class BatchRead
    implements BlockingCalls.Unary<BatchReadBlobsRequest, BatchReadBlobsResponse> {
  /** The advertised total, rounded up. */
  private static final int MEBIBYTES = 4;

  private final BlobSource store;
  private final MemoryPermits permits;

  /**
   * @param permits bound the answers that are put together on the heap
   */
  BatchRead(BlobSource store, MemoryPermits permits) {
    this.store = store;
    this.permits = permits;
  }

  @Override
  public BatchReadBlobsResponse answer(BatchReadBlobsRequest request)
      throws StatusException, InterruptedException {
    requireFits(request);
    try (var _ = permits.acquire(MEBIBYTES)) {
      var responses =
          Batch.inParallel(
              request.getDigestsList(), digest -> read(request.getDigestFunction(), digest));
      return BatchReadBlobsResponse.newBuilder().addAllResponses(responses).build();
    }
  }

  private static void requireFits(BatchReadBlobsRequest request) throws StatusException {
    Batch.requireFew(request.getDigestsCount());
    long total = 0;
    for (var digest : request.getDigestsList()) {
      total += Math.clamp(digest.getSizeBytes(), 0, Integer.MAX_VALUE);
    }
    if (total > CapabilitiesService.MAX_BATCH_BYTES) {
      throw GrpcErrors.invalid(
          "batch asks for %d bytes (expected: at most %d, or ByteStream.Read)",
          total, CapabilitiesService.MAX_BATCH_BYTES);
    }
  }

  private BatchReadBlobsResponse.Response read(DigestFunction.Value function, Digest digest) {
    var response = BatchReadBlobsResponse.Response.newBuilder().setDigest(digest);
    try {
      return response.setData(read(SizedDigest.of(function, digest))).setStatus(Batch.OK).build();
    } catch (Exception e) {
      return response.setStatus(Batch.status(e)).build();
    }
  }

  private ByteString read(SizedDigest blob) throws IOException, StatusException {
    try (var reader =
        StoredBlobs.open(store, blob, ByteRange.ALL)
            .orElseThrow(() -> GrpcErrors.notFound(blob.digest(), blob.size()))) {
      var content = ByteBuffer.allocate((int) blob.size());
      while (content.hasRemaining()) {
        if (reader.read(content) < 0) {
          throw new EOFException("blob %s ends after %d bytes".formatted(blob, content.position()));
        }
      }
      return UnsafeByteOperations.unsafeWrap(content.flip());
    }
  }
}

package dev.layercache.server.grpc;

import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsResponse;
import build.bazel.remote.execution.v2.Compressor;
import build.bazel.remote.execution.v2.DigestFunction;
import dev.layercache.server.blob.BlobIngest;
import dev.layercache.server.blob.UploadHint;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;

/**
 * One {@code BatchUpdateBlobs}. The client may send more than the advertised total, up to the
 * largest message that the door takes. Each blob has a status of its own.
 */
final class BatchUpdate implements Runnable {
  /** The one message, and the end of the stream that follows it. */
  private static final int MESSAGES = 2;

  /** The advertised total, rounded up. */
  private static final int MEBIBYTES = 4;

  private final BlobIngest store;
  private final ServerCallStreamObserver<BatchUpdateBlobsResponse> call;
  private final Inbox<BatchUpdateBlobsRequest> inbox;
  private final MemoryPermits permits;

  /**
   * @param inbox closed when this has run
   */
  BatchUpdate(
      BlobIngest store,
      ServerCallStreamObserver<BatchUpdateBlobsResponse> call,
      Inbox<BatchUpdateBlobsRequest> inbox,
      MemoryPermits permits) {
    this.store = store;
    this.call = call;
    this.inbox = inbox;
    this.permits = permits;
  }

  @Override
  public void run() {
    try (inbox;
        var _ = permits.acquire(MEBIBYTES)) {
      call.request(MESSAGES);
      try (var message =
          inbox.takeFirst().orElseThrow(() -> GrpcErrors.invalid("the call had no request"))) {
        call.onNext(update(message.message()));
      }
      call.onCompleted();
    } catch (Exception | Error e) {
      call.onError(GrpcErrors.status(e).asRuntimeException());
    }
  }

  private BatchUpdateBlobsResponse update(BatchUpdateBlobsRequest batch) throws StatusException {
    Batch.requireFew(batch.getRequestsCount());
    var requests = batch.getRequestsList();
    var responses =
        Batch.inParallel(requests, request -> update(batch.getDigestFunction(), request));
    return BatchUpdateBlobsResponse.newBuilder().addAllResponses(responses).build();
  }

  private BatchUpdateBlobsResponse.Response update(
      DigestFunction.Value function, BatchUpdateBlobsRequest.Request request) {
    var response = BatchUpdateBlobsResponse.Response.newBuilder().setDigest(request.getDigest());
    try {
      store(function, request);
      return response.setStatus(Batch.OK).build();
    } catch (Exception e) {
      return response.setStatus(Batch.status(e)).build();
    }
  }

  private void store(DigestFunction.Value function, BatchUpdateBlobsRequest.Request request)
      throws IOException, StatusException {
    if (request.getCompressor() != Compressor.Value.IDENTITY) {
      throw GrpcErrors.invalid(
          "compressor %s is not supported (expected: IDENTITY)", request.getCompressor());
    }
    var blob = SizedDigest.of(function, request.getDigest());
    var data = request.getData();
    if (data.size() != blob.size()) {
      throw GrpcErrors.invalid(
          "received %d bytes of blob %s (expected: %d)", data.size(), blob, blob.size());
    }
    var upload = store.begin(UploadHint.of(blob.digest(), blob.size()));
    boolean committed = false;
    try {
      for (var piece : data.asReadOnlyByteBufferList()) {
        upload.write(piece);
      }
      upload.commit(blob.digest());
      committed = true;
    } finally {
      if (!committed) {
        // Nobody knows its id, so nobody could resume it.
        upload.abort();
      }
    }
  }
}

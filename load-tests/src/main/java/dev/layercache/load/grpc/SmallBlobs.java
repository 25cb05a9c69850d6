package dev.layercache.load.grpc;

import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc;
import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.load.data.Blob;
import java.io.IOException;
import java.util.List;

/** Has many small blobs stored, outside any measurement. */
public final class SmallBlobs {
  private static final int BATCH = 250;

  private SmallBlobs() {}

  /** Blobs of a few KiB, in batches. */
  public static void store(Channels channels, List<Blob> blobs) throws IOException {
    var stub = ContentAddressableStorageGrpc.newBlockingStub(channels.get(0));
    for (int from = 0; from < blobs.size(); from += BATCH) {
      var request = BatchUpdateBlobsRequest.newBuilder();
      for (var blob : blobs.subList(from, Math.min(from + BATCH, blobs.size()))) {
        request.addRequests(
            BatchUpdateBlobsRequest.Request.newBuilder()
                .setDigest(Requests.digest(blob))
                .setData(UnsafeByteOperations.unsafeWrap(blob.content())));
      }
      for (var response : stub.batchUpdateBlobs(request.build()).getResponsesList()) {
        if (response.getStatus().getCode() != 0) {
          throw new IOException("a small blob was not stored: " + response.getStatus());
        }
      }
    }
  }
}

package dev.layercache.load.grpc;

import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.load.data.Blob;
import dev.layercache.load.data.UniqueBytes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * {@code ByteStream.Write} of one blob, 1 MiB at a time. The bytes are made while the connection
 * takes them, on its event loop.
 */
final class Upload implements ClientResponseObserver<WriteRequest, WriteResponse> {
  private static final int STEP = 1 << 20;

  private final Blob blob;
  private final UniqueBytes bytes;
  private final CompletableFuture<Long> committed = new CompletableFuture<>();

  /** Used for every message: gRPC copies it before {@code onNext} returns. */
  private final byte[] step;

  private long offset;

  private Upload(Blob blob) {
    this.blob = blob;
    this.bytes = blob.bytes();
    this.step = new byte[(int) Math.min(STEP, blob.size())];
  }

  /** The size that the server says it committed. */
  static CompletableFuture<Long> start(Channel channel, Blob blob) {
    var upload = new Upload(blob);
    ClientCalls.asyncClientStreamingCall(
        channel.newCall(Methods.WRITE, CallOptions.DEFAULT), upload);
    return upload.committed;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WriteRequest> call) {
    call.setOnReadyHandler(() -> write(call));
  }

  private void write(ClientCallStreamObserver<WriteRequest> call) {
    while (call.isReady() && offset < blob.size()) {
      int length = (int) Math.min(step.length, blob.size() - offset);
      bytes.fill(ByteBuffer.wrap(step, 0, length));
      var request =
          WriteRequest.newBuilder()
              .setWriteOffset(offset)
              .setData(UnsafeByteOperations.unsafeWrap(step, 0, length))
              .setFinishWrite(offset + length == blob.size());
      if (offset == 0) {
        request.setResourceName(Requests.write(blob));
      }
      call.onNext(request.build());
      offset += length;
      if (offset == blob.size()) {
        call.onCompleted();
      }
    }
  }

  @Override
  public void onNext(WriteResponse response) {
    committed.complete(response.getCommittedSize());
  }

  @Override
  public void onError(Throwable failure) {
    committed.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    committed.completeExceptionally(new IllegalStateException("no response to a write"));
  }
}

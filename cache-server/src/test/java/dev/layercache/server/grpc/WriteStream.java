package dev.layercache.server.grpc;

import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The client's end of one {@code ByteStream.Write}, one step at a time. */
final class WriteStream {
  private final ClientCall<WriteRequest, WriteResponse> call;
  private final CompletableFuture<WriteResponse> response = new CompletableFuture<>();
  private final CompletableFuture<Status> status = new CompletableFuture<>();
  private final Semaphore ready = new Semaphore(0);

  WriteStream(Channel channel) {
    call = channel.newCall(ByteStreamGrpc.getWriteMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(WriteResponse message) {
            response.complete(message);
          }

          @Override
          public void onReady() {
            ready.release();
          }

          @Override
          public void onClose(Status closed, Metadata trailers) {
            status.complete(closed);
            ready.release();
          }
        },
        new Metadata());
    call.request(2);
  }

  /** Sends one message once the transport takes it, or drops it when the call is over. */
  WriteStream send(String name, long offset, byte[] data, boolean finish)
      throws InterruptedException {
    while (!call.isReady() && !status.isDone()) {
      if (!ready.tryAcquire(30, TimeUnit.SECONDS)) {
        throw new AssertionError("the server took nothing for 30 s");
      }
    }
    call.sendMessage(
        WriteRequest.newBuilder()
            .setResourceName(name)
            .setWriteOffset(offset)
            .setData(ByteString.copyFrom(data))
            .setFinishWrite(finish)
            .build());
    return this;
  }

  /** Sends all of {@code data} in pieces, the name with the first only. */
  WriteStream sendAll(String name, byte[] data, int from, int piece) throws InterruptedException {
    for (int at = from; at < data.length || at == from; at += piece) {
      int end = Math.min(at + piece, data.length);
      send(at == from ? name : "", at, Arrays.copyOfRange(data, at, end), end == data.length);
    }
    return this;
  }

  WriteStream halfClose() {
    call.halfClose();
    return this;
  }

  void cancel() {
    call.cancel("the test says so", null);
  }

  boolean isOver() {
    return status.isDone();
  }

  /** Waits for the end of the call. */
  Status status() throws Exception {
    return status.get(30, TimeUnit.SECONDS);
  }

  /** What was committed; fails unless the call ended well. */
  long committed() throws Exception {
    if (!status().isOk()) {
      throw new AssertionError("write failed: " + status());
    }
    return response.get(30, TimeUnit.SECONDS).getCommittedSize();
  }
}

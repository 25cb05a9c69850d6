package dev.layercache.load.grpc;

import dev.layercache.load.data.Blob;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** {@code ByteStream.Read} of one blob, whose bytes are counted and dropped. */
final class Download implements StreamObserver<Integer> {
  private final CompletableFuture<Long> received = new CompletableFuture<>();
  private long bytes;

  private Download() {}

  /** The bytes received when the call ended well. */
  static CompletableFuture<Long> start(Channel channel, Blob blob) {
    var download = new Download();
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(Methods.READ, CallOptions.DEFAULT), Requests.read(blob), download);
    return download.received;
  }

  @Override
  public void onNext(Integer length) {
    bytes += length;
  }

  @Override
  public void onError(Throwable failure) {
    received.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    received.complete(bytes);
  }
}

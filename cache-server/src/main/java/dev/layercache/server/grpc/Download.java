package dev.layercache.server.grpc;

import com.google.bytestream.ReadRequest;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;

/**
 * One {@code ByteStream.Read}: runs on a virtual thread and waits while the client is not ready.
 */
final class Download implements Runnable {
  private static final ByteBufAllocator BUFFERS = PooledByteBufAllocator.DEFAULT;

  private final BlobSource store;
  private final ReadRequest request;
  private final ServerCallStreamObserver<ReadChunk> call;
  private final ReadyGate gate;
  private final OutboundShares shares;
  private final OutboundShares.Share share;

  /**
   * @param share given back to {@code shares} when this has run
   */
  Download(
      BlobSource store,
      ReadRequest request,
      ServerCallStreamObserver<ReadChunk> call,
      ReadyGate gate,
      OutboundShares shares,
      OutboundShares.Share share) {
    this.store = store;
    this.request = request;
    this.call = call;
    this.gate = gate;
    this.shares = shares;
    this.share = share;
  }

  @Override
  public void run() {
    try {
      var blob = ResourceName.parseRead(request.getResourceName());
      try (var reader = open(blob)) {
        send(reader);
      }
      call.onCompleted();
    } catch (Exception | Error e) {
      call.onError(GrpcErrors.status(e).asRuntimeException());
    } finally {
      shares.give(share);
    }
  }

  private BlobReader open(SizedDigest blob) throws IOException, StatusException {
    long offset = request.getReadOffset();
    long limit = request.getReadLimit();
    if (limit < 0) {
      throw GrpcErrors.invalid("read_limit %d (expected: at least 0, 0 means all)", limit);
    }
    if (offset < 0 || offset > blob.size()) {
      throw GrpcErrors.outOfRange(
          "read_offset %d does not lie in the blob (expected: 0 to %d)", offset, blob.size());
    }
    var range = new ByteRange(offset, limit == 0 ? Long.MAX_VALUE : limit);
    var reader =
        StoredBlobs.open(store, blob, range)
            .orElseThrow(() -> GrpcErrors.notFound(blob.digest(), blob.size()));
    return reader;
  }

  private void send(BlobReader reader) throws IOException, StatusException, InterruptedException {
    while (reader.remaining() > 0) {
      gate.await();
      int length = (int) Math.min(reader.remaining(), share.chunk());
      reader.awaitReadable(length);
      var buffer = BUFFERS.directBuffer(length, length);
      try {
        int read = reader.read(buffer.nioBuffer(0, length));
        call.onNext(new ReadChunk(buffer.writerIndex(Math.max(read, 0))));
      } finally {
        buffer.release();
      }
    }
  }
}

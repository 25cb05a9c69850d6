package dev.layercache.server.grpc;

import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.transport.Received;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.util.Optional;

/**
 * One {@code ByteStream.Write}: runs on a virtual thread, writes one message after the other to the
 * store and asks for more when a write has returned.
 *
 * <p>A stream that breaks leaves its upload resumable. Wrong input (too many or too few bytes, a
 * wrong digest) leaves nothing.
 */
final class Upload implements Runnable {
  /** One message is written while the next is received. */
  private static final int MESSAGES_AT_ONCE = 2;

  /** What those messages hold: clients send up to 1 MiB in each. */
  private static final int MEBIBYTES = 2;

  private final BlobStore store;
  private final ServerCallStreamObserver<WriteResponse> call;
  private final Inbox<WriteRequest> inbox;
  private final MemoryPermits permits;

  /**
   * @param inbox closed when this has run
   */
  Upload(
      BlobStore store,
      ServerCallStreamObserver<WriteResponse> call,
      Inbox<WriteRequest> inbox,
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
      call.request(MESSAGES_AT_ONCE);
      long committed = receive();
      call.onNext(WriteResponse.newBuilder().setCommittedSize(committed).build());
      call.onCompleted();
    } catch (Exception | Error e) {
      call.onError(GrpcErrors.status(e).asRuntimeException());
    }
  }

  private long receive() throws IOException, StatusException, InterruptedException {
    try (var first =
        inbox.takeFirst().orElseThrow(() -> GrpcErrors.invalid("the stream had no request"))) {
      var request = first.message();
      var target = ResourceName.parseWrite(request.getResourceName());
      if (StoredBlobs.contains(store, target.blob())) {
        // REAPI: answer at once; whatever the client still sends is discarded by the transport.
        return target.blob().size();
      }
      try (var upload = open(target, request.getWriteOffset())) {
        return receive(target.blob(), upload, request.getResourceName(), first);
      }
    }
  }

  private BlobUpload open(ResourceName.Upload target, long offset)
      throws IOException, StatusException {
    var blob = target.blob();
    if (offset == 0) {
      return store.begin(UploadHint.of(blob.digest(), blob.size()).withId(target.id()));
    }
    // Looked at first: an offset that does not fit must not take the upload from its writer.
    var status = store.status(target.id());
    requireOffset(offset, status.isPresent() ? status.get().position() : 0);
    var resumed = store.resume(target.id());
    if (resumed.isEmpty()) {
      throw wrongOffset(offset, 0);
    }
    var upload = resumed.get();
    if (upload.position() != offset) {
      upload.close();
      throw wrongOffset(offset, upload.position());
    }
    return upload;
  }

  private long receive(
      SizedDigest blob, BlobUpload upload, String name, Received<WriteRequest> first)
      throws IOException, StatusException, InterruptedException {
    for (var next = Optional.of(first); next.isPresent(); next = inbox.take()) {
      try (var message = next.get()) {
        var request = message.message();
        requireSameName(request.getResourceName(), name);
        requireOffset(request.getWriteOffset(), upload.position());
        append(blob, upload, request);
        if (request.getFinishWrite()) {
          return finish(blob, upload);
        }
      }
      call.request(1);
    }
    return upload.position();
  }

  private static void append(SizedDigest blob, BlobUpload upload, WriteRequest request)
      throws IOException, StatusException {
    var data = request.getData();
    if (data.size() > blob.size() - upload.position()) {
      long received = upload.position() + data.size();
      upload.abort();
      throw GrpcErrors.invalid(
          "received %d bytes or more of blob %s (expected: %d)", received, blob, blob.size());
    }
    for (var piece : data.asReadOnlyByteBufferList()) {
      upload.write(piece);
    }
  }

  private static long finish(SizedDigest blob, BlobUpload upload)
      throws IOException, StatusException {
    long received = upload.position();
    if (received != blob.size()) {
      upload.abort();
      throw GrpcErrors.invalid(
          "finish_write after %d bytes of blob %s (expected: %d)", received, blob, blob.size());
    }
    return upload.commit(blob.digest()).size();
  }

  private static void requireSameName(String given, String first) throws StatusException {
    if (!given.isEmpty() && !given.equals(first)) {
      throw GrpcErrors.invalid(
          "resource_name changed within the stream (expected: none, or the first one again)");
    }
  }

  private static void requireOffset(long given, long position) throws StatusException {
    if (given != position) {
      throw wrongOffset(given, position);
    }
  }

  private static StatusException wrongOffset(long given, long position) {
    return GrpcErrors.invalid(
        "write_offset %d does not continue the upload (expected: %d)", given, position);
  }
}

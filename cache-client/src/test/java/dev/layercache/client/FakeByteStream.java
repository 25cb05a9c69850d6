package dev.layercache.client;

import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.QueryWriteStatusRequest;
import com.google.bytestream.QueryWriteStatusResponse;
import com.google.bytestream.ReadRequest;
import com.google.bytestream.ReadResponse;
import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import com.google.protobuf.ByteString;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Blobs by stream. */
final class FakeByteStream extends ByteStreamGrpc.ByteStreamImplBase {
  private static final int PIECE = 256 << 10;

  private final FakeCache cache;
  private final AtomicInteger queries = new AtomicInteger();
  private final Map<String, byte[]> unfinished = new ConcurrentHashMap<>();

  FakeByteStream(FakeCache cache) {
    this.cache = cache;
  }

  @Override
  public void read(ReadRequest request, StreamObserver<ReadResponse> answer) {
    if (cache.faults.silent) {
      return;
    }
    Runnable leave = cache.enterStream();
    try {
      waitForGate();
      sendEmpty(answer);
      Digest digest = digest(request.getResourceName());
      byte[] content = cache.blobs.get(digest);
      if (content == null) {
        leave.run();
        answer.onError(Status.NOT_FOUND.withDescription("no blob " + digest).asRuntimeException());
        return;
      }
      send(
          cache.faults.corrupt ? FakeStorage.corrupted(content) : content,
          Math.toIntExact(request.getReadOffset()),
          answer,
          leave);
    } finally {
      leave.run();
    }
  }

  private void sendEmpty(StreamObserver<ReadResponse> answer) {
    try {
      for (int i = 0; i < 200 && cache.faults.empty; i++) {
        answer.onNext(ReadResponse.getDefaultInstance());
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(
      byte[] content, int offset, StreamObserver<ReadResponse> answer, Runnable leave) {
    boolean broken = cache.faults.takeBroken();
    int sent = 0;
    for (int from = offset; from < content.length; ) {
      if (broken && sent >= cache.faults.breakAfterBytes) {
        leave.run();
        answer.onError(Status.UNAVAILABLE.withDescription("injected").asRuntimeException());
        return;
      }
      int length = Math.min(PIECE, content.length - from);
      answer.onNext(
          ReadResponse.newBuilder().setData(ByteString.copyFrom(content, from, length)).build());
      cache.bytesRead.add(length);
      sent += length;
      from += length;
    }
    leave.run();
    answer.onCompleted();
  }

  @Override
  public StreamObserver<WriteRequest> write(StreamObserver<WriteResponse> answer) {
    return new Write(answer);
  }

  @Override
  public void queryWriteStatus(
      QueryWriteStatusRequest request, StreamObserver<QueryWriteStatusResponse> answer) {
    if (cache.faults.forgetful && queries.getAndIncrement() % 2 == 1) {
      unfinished.clear();
    }
    byte[] kept = unfinished.get(request.getResourceName());
    byte[] whole = cache.blobs.get(digest(request.getResourceName()));
    if (kept == null && whole == null) {
      answer.onError(Status.NOT_FOUND.withDescription("no upload").asRuntimeException());
      return;
    }
    answer.onNext(
        QueryWriteStatusResponse.newBuilder()
            .setComplete(whole != null)
            .setCommittedSize(whole != null ? whole.length : kept == null ? 0 : kept.length)
            .build());
    answer.onCompleted();
  }

  private void waitForGate() {
    try {
      cache.faults.gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Digest digest(String resource) {
    String[] parts = resource.split("/", -1);
    String hex = parts[parts.length - 2];
    return new Digest(hex.length() == 128 ? DigestAlgorithm.SHA512 : DigestAlgorithm.SHA256, hex);
  }

  /** One write stream. */
  private final class Write implements StreamObserver<WriteRequest> {
    private final StreamObserver<WriteResponse> answer;
    private final boolean broken = cache.faults.takeBroken();
    private final boolean silent = cache.faults.silent;
    private final Runnable leave = cache.enterStream();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private String resource = "";
    private long received;
    private boolean ended;

    Write(StreamObserver<WriteResponse> answer) {
      this.answer = answer;
      Context.current().addListener(context -> leave.run(), Runnable::run);
    }

    @Override
    public void onNext(WriteRequest request) {
      waitForGate();
      if (silent || ended) {
        return;
      }
      if (!request.getResourceName().isEmpty()) {
        resource = request.getResourceName();
        byte[] kept = unfinished.getOrDefault(resource, new byte[0]);
        bytes.writeBytes(kept);
      }
      byte[] whole = cache.blobs.get(digest(resource));
      if (whole != null) {
        finish(whole.length);
        return;
      }
      if (request.getWriteOffset() != bytes.size()) {
        fail(
            Status.INVALID_ARGUMENT.withDescription(
                "offset %d (expected: %d)".formatted(request.getWriteOffset(), bytes.size())));
        return;
      }
      bytes.writeBytes(request.getData().toByteArray());
      received += request.getData().size();
      cache.bytesWritten.add(request.getData().size());
      if (broken && received >= cache.faults.breakAfterBytes) {
        int kept = (int) (bytes.size() / cache.faults.keptMultiple * cache.faults.keptMultiple);
        unfinished.put(resource, Arrays.copyOf(bytes.toByteArray(), kept));
        fail(Status.UNAVAILABLE.withDescription("injected"));
      } else if (request.getFinishWrite()) {
        commit();
      }
    }

    private void commit() {
      Digest expected = digest(resource);
      byte[] content = bytes.toByteArray();
      Digest actual = FakeStorage.of(expected.algorithm(), content);
      if (!actual.equals(expected)) {
        fail(
            Status.INVALID_ARGUMENT.withDescription(
                "digest %s (expected: %s)".formatted(actual, expected)));
        return;
      }
      cache.blobs.put(expected, content);
      unfinished.remove(resource);
      finish(content.length);
    }

    private void finish(long committed) {
      ended = true;
      leave.run();
      answer.onNext(WriteResponse.newBuilder().setCommittedSize(committed).build());
      answer.onCompleted();
    }

    private void fail(Status status) {
      ended = true;
      leave.run();
      answer.onError(status.asRuntimeException());
    }

    @Override
    public void onError(Throwable thrown) {}

    @Override
    public void onCompleted() {}
  }
}

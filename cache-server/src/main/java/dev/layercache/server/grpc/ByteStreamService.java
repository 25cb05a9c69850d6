package dev.layercache.server.grpc;

import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.QueryWriteStatusRequest;
import com.google.bytestream.QueryWriteStatusResponse;
import com.google.bytestream.ReadRequest;
import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.UploadInfo;
import dev.layercache.transport.Received;
import dev.layercache.transport.ReceivedMarshaller;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * {@code google.bytestream.ByteStream}: one blob of any size, in either direction. The definition
 * is built by hand, for marshallers that copy less than the stock ones.
 */
final class ByteStreamService implements BindableService {
  private static final MethodDescriptor<ReadRequest, ReadChunk> READ =
      ByteStreamGrpc.getReadMethod().toBuilder(
              ByteStreamGrpc.getReadMethod().getRequestMarshaller(), new ReadChunkMarshaller())
          .build();
  private static final MethodDescriptor<Received<WriteRequest>, WriteResponse> WRITE =
      ByteStreamGrpc.getWriteMethod().toBuilder(
              new ReceivedMarshaller<>(WriteRequest.parser()),
              ByteStreamGrpc.getWriteMethod().getResponseMarshaller())
          .build();

  private final BlobStore store;
  private final CallLimits limits;
  private final Executor threads;

  ByteStreamService(BlobStore store, CallLimits limits, Executor threads) {
    this.store = store;
    this.limits = limits;
    this.threads = threads;
  }

  @Override
  public ServerServiceDefinition bindService() {
    var calls = new BlockingCalls(threads);
    var descriptor =
        ServiceDescriptor.newBuilder(ByteStreamGrpc.SERVICE_NAME)
            .setSchemaDescriptor(ByteStreamGrpc.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(READ)
            .addMethod(WRITE)
            .addMethod(ByteStreamGrpc.getQueryWriteStatusMethod())
            .build();
    return ServerServiceDefinition.builder(descriptor)
        .addMethod(READ, ServerCalls.asyncServerStreamingCall(this::read))
        .addMethod(
            WRITE,
            calls.receiving(
                limits.stall(), (inbox, call) -> new Upload(store, call, inbox, limits.inbound())))
        .addMethod(ByteStreamGrpc.getQueryWriteStatusMethod(), calls.unary(this::queryWriteStatus))
        .build();
  }

  private void read(ReadRequest request, StreamObserver<ReadChunk> observer) {
    var call = (ServerCallStreamObserver<ReadChunk>) observer;
    var share = limits.outbound().take();
    call.setOnReadyThreshold(share.readyThreshold());
    var gate = new ReadyGate(call, limits.stall());
    threads.execute(new Download(store, request, call, gate, limits.outbound(), share));
  }

  /**
   * Of an upload that nobody knows, nothing is committed: clients that resume then start over. With
   * NOT_FOUND, as google.bytestream has it, they fail.
   */
  private QueryWriteStatusResponse queryWriteStatus(QueryWriteStatusRequest request)
      throws IOException, StatusException {
    var target = ResourceName.parseWrite(request.getResourceName());
    if (StoredBlobs.contains(store, target.blob())) {
      return QueryWriteStatusResponse.newBuilder()
          .setCommittedSize(target.blob().size())
          .setComplete(true)
          .build();
    }
    long position = store.status(target.id()).map(UploadInfo::position).orElse(0L);
    return QueryWriteStatusResponse.newBuilder().setCommittedSize(position).build();
  }
}

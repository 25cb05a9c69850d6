package dev.layercache.server.grpc;

import build.bazel.remote.execution.v2.Digest;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import com.google.bytestream.ReadResponse;
import com.google.bytestream.WriteRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.transport.Received;
import dev.layercache.transport.ReceivedMarshaller;
import io.grpc.Drainable;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.internal.ReadableBuffers;
import io.grpc.protobuf.ProtoUtils;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a message costs between the transport's buffers and ours, beside gRPC's stock marshaller:
 * received writes and look-ups, sent chunks. It lies in the package of the marshallers, which are
 * nobody else's business.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class MarshallingBenchmark {
  private static final int DIGESTS = 100;
  private static final String HASH = "0123456789abcdef".repeat(4);

  /** Of the data in a write and in a chunk; look-ups have 100 digests. */
  @Param({"4096", "1048576"})
  public int bytes;

  private final Marshaller<Received<WriteRequest>> writes =
      new ReceivedMarshaller<>(WriteRequest.parser());
  private final Marshaller<WriteRequest> stockWrites =
      ProtoUtils.marshaller(WriteRequest.getDefaultInstance());
  private final Marshaller<Received<FindMissingBlobsRequest>> lookUps =
      new ReceivedMarshaller<>(FindMissingBlobsRequest.parser());
  private final Marshaller<FindMissingBlobsRequest> stockLookUps =
      ProtoUtils.marshaller(FindMissingBlobsRequest.getDefaultInstance());
  private final Marshaller<ReadChunk> chunks = new ReadChunkMarshaller();
  private final Marshaller<ReadResponse> stockChunks =
      ProtoUtils.marshaller(ReadResponse.getDefaultInstance());

  private ByteBuffer write = ByteBuffer.allocate(0);
  private ByteBuffer lookUp = ByteBuffer.allocate(0);
  private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
  private ByteArrayOutputStream sent = new ByteArrayOutputStream();

  @Setup
  public void encode() {
    write = direct(WriteRequest.newBuilder().setData(ByteString.copyFrom(new byte[bytes])).build());
    var asked = FindMissingBlobsRequest.newBuilder();
    for (int i = 0; i < DIGESTS; i++) {
      asked.addBlobDigests(Digest.newBuilder().setHash(HASH).setSizeBytes(i));
    }
    lookUp = direct(asked.build());
    chunk = Unpooled.directBuffer(bytes).writerIndex(bytes);
    sent = new ByteArrayOutputStream(bytes + 16);
  }

  private static ByteBuffer direct(MessageLite message) {
    var encoded = message.toByteArray();
    return ByteBuffer.allocateDirect(encoded.length).put(encoded).flip();
  }

  /** As the transport hands it over. */
  private static InputStream received(ByteBuffer message) {
    return ReadableBuffers.openStream(ReadableBuffers.wrap(message.duplicate()), true);
  }

  @Benchmark
  public int receiveWrite() {
    try (var write = writes.parse(received(this.write))) {
      return write.message().getData().size();
    }
  }

  @Benchmark
  public int receiveWriteStock() {
    return stockWrites.parse(received(write)).getData().size();
  }

  @Benchmark
  public int receiveLookUp() {
    try (var received = lookUps.parse(received(lookUp))) {
      return received.message().getBlobDigestsCount();
    }
  }

  @Benchmark
  public int receiveLookUpStock() {
    return stockLookUps.parse(received(lookUp)).getBlobDigestsCount();
  }

  @Benchmark
  public int sendChunk() throws IOException {
    sent.reset();
    return ((Drainable) chunks.stream(new ReadChunk(chunk))).drainTo(sent);
  }

  @Benchmark
  public int sendChunkStock() throws IOException {
    sent.reset();
    var data = UnsafeByteOperations.unsafeWrap(chunk.nioBuffer());
    var response = ReadResponse.newBuilder().setData(data).build();
    return ((Drainable) stockChunks.stream(response)).drainTo(sent);
  }
}

package dev.layercache.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.bytestream.WriteRequest;
import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.grpc.internal.CompositeReadableBuffer;
import io.grpc.internal.ReadableBuffer;
import io.grpc.internal.ReadableBuffers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages as the transport hands them over: buffers, and sometimes what is none. */
class ReceivedMarshallerTest {
  private final ReceivedMarshaller<WriteRequest> marshaller =
      new ReceivedMarshaller<>(WriteRequest.parser());
  private final WriteRequest sent =
      WriteRequest.newBuilder().setResourceName("a").setData(data(100_000)).build();

  @Test
  void bytesAliasTheBuffersThatTheyCameIn() {
    var buffers = buffers(sent.toByteArray(), 16 << 10);
    assertAliases(buffers, buffers.stream().map(ReadableBuffers::wrap).toList());
  }

  @Test
  void anArrayAmongTheBuffersDoesNotMakeTheMessageACopy() {
    for (int length : new int[] {0, 1, 900, 3_000}) {
      for (int at : new int[] {0, 3, 5}) {
        var buffers = buffers(sent.toByteArray(), 16 << 10);
        var parts = new ArrayList<>(buffers.stream().map(ReadableBuffers::wrap).toList());
        parts.add(at, ReadableBuffers.wrap(array(parts.get(at), length)));
        assertAliases(buffers, parts);
      }
    }
  }

  @Test
  void anEmptyBufferIsReadPast() {
    for (int at : new int[] {0, 3, 5}) {
      var buffers = buffers(sent.toByteArray(), 16 << 10);
      // One alone: gRPC makes an array of two.
      buffers.add(at, ByteBuffer.allocateDirect(0));
      try (var received = parse(buffers.stream().map(ReadableBuffers::wrap).toList())) {
        assertThat(received.message().equals(sent)).isTrue();
      }
    }
  }

  @Test
  void smallBuffersThatGrpcMergesDoNotMakeTheMessageACopy() {
    var all = sent.toByteArray();
    var buffers = new ArrayList<ByteBuffer>();
    for (int at = 0, next = 0; at < all.length; at += next) {
      next = Math.min(all.length - at, buffers.size() % 4 < 2 ? 700 : 16 << 10);
      buffers.add(ByteBuffer.allocateDirect(next).put(all, at, next).flip());
    }
    assertAliases(buffers, buffers.stream().map(ReadableBuffers::wrap).toList());
  }

  @Test
  void whatIsNoBufferAtAllIsCopied() {
    var parts =
        buffers(sent.toByteArray(), 9_000).stream()
            .map(buffer -> ReadableBuffers.wrap(array(buffer)))
            .toList();
    try (var received = parse(parts)) {
      assertThat(received.message().equals(sent)).isTrue();
    }
  }

  @Test
  void whatIsNoMessageIsRefused() {
    var noise = List.of(ReadableBuffers.wrap(ByteBuffer.allocateDirect(5).put((byte) -1).flip()));
    assertThatThrownBy(() -> parse(noise)).isInstanceOf(StatusRuntimeException.class);
  }

  /** The message is right, and no longer is when a byte of the last buffer changes. */
  private void assertAliases(List<ByteBuffer> buffers, List<ReadableBuffer> parts) {
    try (var received = parse(parts)) {
      assertThat(received.message().equals(sent)).isTrue();
      flipLastByte(buffers);
      assertThat(received.message().equals(sent)).isFalse();
    }
  }

  private Received<WriteRequest> parse(List<ReadableBuffer> parts) {
    var all = new CompositeReadableBuffer();
    parts.forEach(all::addBuffer);
    return marshaller.parse(ReadableBuffers.openStream(all, true));
  }

  private static List<ByteBuffer> buffers(byte[] bytes, int each) {
    var buffers = new ArrayList<ByteBuffer>();
    for (int at = 0; at < bytes.length; at += each) {
      int length = Math.min(each, bytes.length - at);
      buffers.add(ByteBuffer.allocateDirect(length).put(bytes, at, length).flip());
    }
    return buffers;
  }

  private static void flipLastByte(List<ByteBuffer> buffers) {
    var last = buffers.get(buffers.size() - 1);
    int at = last.limit() - 1;
    last.put(at, (byte) (last.get(at) ^ 1));
  }

  /** Takes the first bytes out of a buffer. */
  private static byte[] array(ReadableBuffer buffer, int length) {
    var bytes = new byte[length];
    buffer.readBytes(bytes, 0, length);
    return bytes;
  }

  private static byte[] array(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  private static ByteString data(int length) {
    var bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}

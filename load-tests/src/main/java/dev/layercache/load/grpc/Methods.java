package dev.layercache.load.grpc;

import build.bazel.remote.execution.v2.CapabilitiesGrpc;
import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc;
import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The methods that are measured, with messages as bytes, or as no more than their length. */
public final class Methods {
  private static final Marshaller<byte[]> BYTES = new BytesMarshaller();

  public static final MethodDescriptor<byte[], byte[]> FIND_MISSING =
      raw(ContentAddressableStorageGrpc.getFindMissingBlobsMethod(), BYTES);
  public static final MethodDescriptor<byte[], byte[]> BATCH_UPDATE =
      raw(ContentAddressableStorageGrpc.getBatchUpdateBlobsMethod(), BYTES);
  public static final MethodDescriptor<byte[], byte[]> BATCH_READ =
      raw(ContentAddressableStorageGrpc.getBatchReadBlobsMethod(), BYTES);

  /** For blobs that fit into one message. */
  public static final MethodDescriptor<byte[], byte[]> WRITE_SMALL =
      raw(ByteStreamGrpc.getWriteMethod(), BYTES);

  public static final MethodDescriptor<byte[], byte[]> CAPABILITIES =
      raw(CapabilitiesGrpc.getGetCapabilitiesMethod(), BYTES);
  public static final MethodDescriptor<byte[], byte[]> READ_SMALL =
      raw(ByteStreamGrpc.getReadMethod(), BYTES);

  /** The response is the number of its data bytes; those stay unread in the transport's buffers. */
  public static final MethodDescriptor<byte[], Integer> READ =
      raw(ByteStreamGrpc.getReadMethod(), new DataLengthMarshaller());

  public static final MethodDescriptor<WriteRequest, WriteResponse> WRITE =
      ByteStreamGrpc.getWriteMethod();

  private Methods() {}

  private static <T> MethodDescriptor<byte[], T> raw(
      MethodDescriptor<?, ?> method, Marshaller<T> response) {
    return method.toBuilder(BYTES, response).build();
  }

  private static final class BytesMarshaller implements Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Reads the tag and the length of {@code ReadResponse.data}, the only field of the message. */
  static final class DataLengthMarshaller implements Marshaller<Integer> {
    private static final int DATA_TAG = 10 << 3 | 2;

    @Override
    public InputStream stream(Integer value) {
      throw new UnsupportedOperationException("responses only come in");
    }

    @Override
    public Integer parse(InputStream stream) {
      try {
        int tag = stream.read();
        if (tag < 0) {
          return 0;
        }
        int length = varint(stream);
        if (tag != DATA_TAG || length != stream.available()) {
          throw new IOException(
              "field tag %d and %d bytes (expected: tag %d and %d bytes)"
                  .formatted(tag, length, DATA_TAG, stream.available()));
        }
        return length;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static int varint(InputStream stream) throws IOException {
      int value = 0;
      for (int shift = 0; shift < Integer.SIZE; shift += 7) {
        int next = stream.read();
        value |= (next & 0x7f) << shift;
        if (next < 0x80) {
          return value;
        }
      }
      throw new IOException("a varint of more than 5 bytes");
    }
  }
}

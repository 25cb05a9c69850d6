package dev.layercache.client;

import com.google.bytestream.WriteRequest;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A piece of an upload that knows when the transport has copied it, so that its array can be used
 * again: an array of 1 MiB for each message would be most of what the collector has to do.
 */
final class OutgoingWrite {
  private final WriteRequest request;
  private volatile boolean copied;

  /**
   * @param request may wrap an array, which must not change before {@link #isCopied}
   */
  OutgoingWrite(WriteRequest request) {
    this.request = request;
  }

  /** Whether the transport holds a copy of its own. */
  boolean isCopied() {
    return copied;
  }

  /** Writes requests of {@code ByteStream.Write}. */
  static final class Writer implements Marshaller<OutgoingWrite> {
    @Override
    public InputStream stream(OutgoingWrite value) {
      return new Bytes(value);
    }

    @Override
    public OutgoingWrite parse(InputStream stream) {
      throw new UnsupportedOperationException("a client only sends these");
    }
  }

  /** The serialized request; gRPC drains it, and reads it only when it compresses. */
  private static final class Bytes extends InputStream implements Drainable, KnownLength {
    private final OutgoingWrite value;
    private InputStream left = InputStream.nullInputStream();
    private boolean begun;

    Bytes(OutgoingWrite value) {
      this.value = value;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      if (begun) {
        return Math.toIntExact(left.transferTo(target));
      }
      begun = true;
      value.request.writeTo(target);
      value.copied = true;
      return value.request.getSerializedSize();
    }

    @Override
    public int available() throws IOException {
      return begun ? left.available() : value.request.getSerializedSize();
    }

    @Override
    public int read() throws IOException {
      begin();
      return left.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      begin();
      return left.read(target, offset, length);
    }

    private void begin() {
      if (!begun) {
        begun = true;
        left = value.request.toByteString().newInput();
        value.copied = true;
      }
    }
  }
}

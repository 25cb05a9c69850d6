package dev.layercache.client;

import com.google.bytestream.ReadResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;

/**
 * A piece of a download, whose bytes lie in the buffers that the socket was read into where the
 * transport allows: the stock marshaller copies every byte twice. Whoever takes it closes it when
 * its bytes are consumed, and looks at none of them after that. Not thread-safe.
 */
final class ReceivedRead implements AutoCloseable {
  private final ByteString data;
  private final InputStream owner;

  private ReceivedRead(ByteString data, InputStream owner) {
    this.data = data;
    this.owner = owner;
  }

  ByteString data() {
    return data;
  }

  @Override
  public void close() {
    try {
      owner.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Parses responses of {@code ByteStream.Read}. */
  static final class Parser implements Marshaller<ReceivedRead> {
    @Override
    public ReceivedRead parse(InputStream stream) {
      try {
        return stream instanceof Detachable detachable
                && stream instanceof HasByteBuffer buffers
                && buffers.byteBufferSupported()
                && stream.markSupported()
            ? alias(detachable.detach())
            : new ReceivedRead(
                ReadResponse.parseFrom(stream).getData(), InputStream.nullInputStream());
      } catch (IOException e) {
        throw Status.INTERNAL
            .withDescription("the server sent a malformed ReadResponse: " + e.getMessage())
            .withCause(e)
            .asRuntimeException();
      }
    }

    private static ReceivedRead alias(InputStream owner) throws IOException {
      try {
        var input = bytes(owner).newCodedInput();
        input.enableAliasing(true);
        ByteString data = ReadResponse.parseFrom(input).getData();
        input.checkLastTagWas(0);
        return new ReceivedRead(data, owner);
      } catch (IOException | RuntimeException e) {
        owner.close();
        throw e;
      }
    }

    /** The mark keeps the stream from freeing the buffers that were walked over. */
    private static ByteString bytes(InputStream owner) throws IOException {
      owner.mark(owner.available());
      var pieces = new ArrayList<ByteString>();
      while (owner.available() > 0) {
        var piece = ((HasByteBuffer) owner).getByteBuffer();
        pieces.add(UnsafeByteOperations.unsafeWrap(piece));
        owner.skipNBytes(piece.remaining());
      }
      return ByteString.copyFrom(pieces);
    }

    @Override
    public InputStream stream(ReceivedRead value) {
      throw new UnsupportedOperationException("a client only receives these");
    }
  }
}

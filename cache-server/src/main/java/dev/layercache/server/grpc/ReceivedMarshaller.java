package dev.layercache.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;

/**
 * Parses requests without copying their byte fields: they alias the buffers that the socket was
 * read into. The stock marshaller copies every byte twice, which was half of the CPU time of an
 * upload without hashing (0.65 against 0.33 s/GiB).
 */
final class ReceivedMarshaller<T extends MessageLite> implements Marshaller<Received<T>> {
  private final Parser<T> parser;

  ReceivedMarshaller(Parser<T> parser) {
    this.parser = parser;
  }

  @Override
  public Received<T> parse(InputStream stream) {
    try {
      return stream instanceof Detachable detachable
              && stream instanceof HasByteBuffer buffers
              && buffers.byteBufferSupported()
              && stream.markSupported()
          ? alias(detachable.detach())
          : new Received<>(parser.parseFrom(stream), InputStream.nullInputStream());
    } catch (IOException e) {
      throw Status.INTERNAL
          .withDescription("request is not a valid protobuf message: " + e.getMessage())
          .withCause(e)
          .asRuntimeException();
    }
  }

  private Received<T> alias(InputStream owner) throws IOException {
    try {
      var input = bytes(owner).newCodedInput();
      input.enableAliasing(true);
      T message = parser.parseFrom(input);
      input.checkLastTagWas(0);
      return new Received<>(message, owner);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      owner.close();
      throw e;
    }
  }

  /** Walks over the buffers; the mark keeps the stream from freeing those that are behind. */
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

  /** Requests only come in. */
  @Override
  public InputStream stream(Received<T> value) {
    throw new UnsupportedOperationException("this marshaller is for a server's requests");
  }
}

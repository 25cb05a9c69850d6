package dev.layercache.client;

import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.ReadRequest;
import com.google.bytestream.ReadResponse;
import com.google.protobuf.ByteString;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.transport.Received;
import dev.layercache.transport.ReceivedMarshaller;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Optional;

/**
 * One {@code ByteStream.Read} as a channel: takes a slot when it is opened and gives it back when
 * it is closed. One thread reads; {@link #close} may come from any and ends a read that waits.
 */
final class BlobStream implements ReadableByteChannel {
  static final MethodDescriptor<ReadRequest, Received<ReadResponse>> READ =
      ByteStreamGrpc.getReadMethod().toBuilder(
              ByteStreamGrpc.getReadMethod().getRequestMarshaller(),
              new ReceivedMarshaller<>(ReadResponse.parser()))
          .build();

  private final Descriptor blob;
  private final Connection.Slot slot;
  private final StreamCall<ReadRequest, Received<ReadResponse>> call;
  private final Object lock = new Object();
  private Optional<Received<ReadResponse>> message = Optional.empty();
  private List<ByteBuffer> unread = List.of();
  private long position;
  private boolean open = true;

  private BlobStream(
      Descriptor blob,
      long offset,
      Connection.Slot slot,
      StreamCall<ReadRequest, Received<ReadResponse>> call) {
    this.blob = blob;
    this.position = offset;
    this.slot = slot;
    this.call = call;
  }

  /** Waits for a slot, then asks for the bytes from {@code offset} on. */
  static BlobStream open(Connection connection, Descriptor blob, long offset)
      throws LayercacheException {
    var slot = connection.slot();
    try {
      var call =
          new StreamCall<ReadRequest, Received<ReadResponse>>(
              connection, slot.channel(), READ, "download of " + blob.digest());
      call.sendOnly(
          ReadRequest.newBuilder()
              .setResourceName(WireNames.read(connection.options().instanceName(), blob))
              .setReadOffset(offset)
              .build());
      return new BlobStream(blob, offset, slot, call);
    } catch (RuntimeException e) {
      slot.close();
      throw e;
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    while (true) {
      int copied = copy(target);
      if (copied > 0) {
        return copied;
      }
      Optional<Received<ReadResponse>> next = call.receive(position, blob.size());
      if (next.isEmpty()) {
        requireWhole();
        return -1;
      }
      hold(next.get());
    }
  }

  /** The buffers are the transport's: whoever closes must not free them under the copy. */
  private int copy(ByteBuffer target) throws IOException {
    synchronized (lock) {
      if (!open) {
        throw new ClosedChannelException();
      }
      int before = target.position();
      for (ByteBuffer piece : unread) {
        int length = Math.min(target.remaining(), piece.remaining());
        target.put(target.position(), piece, piece.position(), length);
        target.position(target.position() + length);
        piece.position(piece.position() + length);
      }
      int copied = target.position() - before;
      position += copied;
      if (unread.stream().noneMatch(ByteBuffer::hasRemaining)) {
        release();
      }
      return copied;
    }
  }

  private void hold(Received<ReadResponse> received) throws IOException {
    ByteString data = received.message().getData();
    synchronized (lock) {
      if (!open) {
        received.close();
        throw new ClosedChannelException();
      }
      message = Optional.of(received);
      unread = data.asReadOnlyByteBufferList();
      if (position + data.size() > blob.size()) {
        throw new LayercacheException(
            Kind.CORRUPT,
            "download of %s: %d bytes or more (expected: %d)"
                .formatted(blob.digest(), position + data.size(), blob.size()));
      }
    }
  }

  private void requireWhole() throws LayercacheException {
    if (position < blob.size()) {
      throw new LayercacheException(
          Kind.CORRUPT,
          "download of %s: the server's bytes end after %d (expected: %d)"
              .formatted(blob.digest(), position, blob.size()));
    }
  }

  private void release() {
    unread = List.of();
    message.ifPresent(Received::close);
    message = Optional.empty();
  }

  @Override
  public boolean isOpen() {
    synchronized (lock) {
      return open;
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (!open) {
        return;
      }
      open = false;
      release();
    }
    call.close();
    slot.close();
  }
}

package dev.layercache.server.grpc;

import com.google.bytestream.ReadResponse;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes chunks as {@code ReadResponse} messages with one copy, from the chunk's buffer into the
 * transport's. The copy is made before {@code onNext} returns: that is what lets the caller reuse
 * the buffer.
 */
final class ReadChunkMarshaller implements Marshaller<ReadChunk> {
  private static final int TAG =
      ReadResponse.DATA_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  /** Small enough to stay in the processor's first cache. */
  private static final int PIECE = 16 << 10;

  @Override
  public InputStream stream(ReadChunk chunk) {
    return new ChunkStream(chunk.data().slice());
  }

  /** Chunks only go out. */
  @Override
  public ReadChunk parse(InputStream stream) {
    throw new UnsupportedOperationException("this marshaller is for a server's responses");
  }

  private static final class ChunkStream extends InputStream implements KnownLength, Drainable {
    private final byte[] header;
    private final ByteBuf data;
    private int headerRead;

    ChunkStream(ByteBuf data) {
      this.header = header(data.readableBytes());
      this.data = data;
    }

    private static byte[] header(int length) {
      try {
        int size =
            CodedOutputStream.computeUInt32SizeNoTag(TAG)
                + CodedOutputStream.computeUInt32SizeNoTag(length);
        var bytes = new byte[size];
        var out = CodedOutputStream.newInstance(bytes);
        out.writeUInt32NoTag(TAG);
        out.writeUInt32NoTag(length);
        return bytes;
      } catch (IOException e) {
        throw new IllegalStateException("the array has room for both numbers", e);
      }
    }

    @Override
    public int available() {
      return header.length - headerRead + data.readableBytes();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int total = available();
      target.write(header, headerRead, header.length - headerRead);
      headerRead = header.length;
      // Not ByteBuf.readBytes(OutputStream), which borrows and returns a pooled buffer for each
      // 8 KiB: a virtual thread has no cache of them, and takes the arena's lock each time.
      var piece = new byte[Math.min(PIECE, data.readableBytes())];
      while (data.isReadable()) {
        int length = Math.min(piece.length, data.readableBytes());
        data.readBytes(piece, 0, length);
        target.write(piece, 0, length);
      }
      return total;
    }

    @Override
    public int read() {
      if (headerRead < header.length) {
        return header[headerRead++] & 0xff;
      }
      return data.isReadable() ? data.readByte() & 0xff : -1;
    }
  }
}

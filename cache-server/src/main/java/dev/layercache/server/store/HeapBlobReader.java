package dev.layercache.server.store;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.OutOfRangeException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** Reads a small blob, all of which was fetched when it was opened. */
final class HeapBlobReader implements BlobReader {
  private final BlobInfo info;
  private final ByteBuffer bytes;
  private volatile boolean closed;

  HeapBlobReader(BlobInfo info, byte[] blob, ByteRange range) throws OutOfRangeException {
    this.info = info;
    int length = (int) range.lengthIn(blob.length);
    this.bytes = ByteBuffer.wrap(blob, (int) range.offset(), length);
  }

  @Override
  public BlobInfo info() {
    return info;
  }

  @Override
  public long remaining() {
    return bytes.remaining();
  }

  @Override
  public int read(ByteBuffer target) throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (!bytes.hasRemaining()) {
      return -1;
    }
    int length = Math.min(bytes.remaining(), target.remaining());
    target.put(bytes.slice(bytes.position(), length));
    bytes.position(bytes.position() + length);
    return length;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}

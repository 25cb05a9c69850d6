package dev.layercache.server.blob.memory;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** Reads bytes that it holds itself, so a deletion does not concern it. */
final class MemoryBlobReader implements BlobReader {
  private final BlobInfo info;
  private final Chunks content;
  private long offset;
  private long remaining;
  private volatile boolean closed;

  MemoryBlobReader(BlobInfo info, Chunks content, long offset, long length) {
    this.info = info;
    this.content = content;
    this.offset = offset;
    this.remaining = length;
  }

  @Override
  public BlobInfo info() {
    return info;
  }

  @Override
  public long remaining() {
    return remaining;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (remaining == 0) {
      return -1;
    }
    int read = content.copy(offset, remaining, target);
    offset += read;
    remaining -= read;
    return read;
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

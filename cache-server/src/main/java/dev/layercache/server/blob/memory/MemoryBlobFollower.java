package dev.layercache.server.blob.memory;

import dev.layercache.server.blob.BlobFollower;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

/** Reads an {@link Upload} from an offset of its own. */
final class MemoryBlobFollower implements BlobFollower {
  private final Upload upload;
  private final Duration patience;
  private long offset;
  private volatile boolean closed;

  MemoryBlobFollower(Upload upload, long offset, Duration patience) {
    this.upload = upload;
    this.offset = offset;
    this.patience = patience;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    int read = upload.follow(offset, target, patience);
    offset += Math.max(0, read);
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

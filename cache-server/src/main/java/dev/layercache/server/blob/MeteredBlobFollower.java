package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Counts the bytes that a follower gives out. */
final class MeteredBlobFollower implements BlobFollower {
  private final BlobFollower delegate;
  private final BlobCounters counters;

  MeteredBlobFollower(BlobFollower delegate, BlobCounters counters) {
    this.delegate = delegate;
    this.counters = counters;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int read = delegate.read(target);
    counters.sent(Math.max(0, read));
    return read;
  }

  @Override
  public boolean isOpen() {
    return delegate.isOpen();
  }

  @Override
  public void close() {
    delegate.close();
  }
}

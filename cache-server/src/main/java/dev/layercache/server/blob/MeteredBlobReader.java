package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Counts the bytes that a reader gives out. */
final class MeteredBlobReader implements BlobReader {
  private final BlobReader delegate;
  private final BlobCounters counters;

  MeteredBlobReader(BlobReader delegate, BlobCounters counters) {
    this.delegate = delegate;
    this.counters = counters;
  }

  @Override
  public BlobInfo info() {
    return delegate.info();
  }

  @Override
  public long remaining() {
    return delegate.remaining();
  }

  @Override
  public void awaitReadable(int most) throws IOException {
    delegate.awaitReadable(most);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int read = delegate.read(target);
    counters.sent(Math.max(0, read));
    return read;
  }

  @Override
  public Optional<FileRegion> nextRegion(long most) throws IOException {
    var region = delegate.nextRegion(most);
    region.ifPresent(given -> counters.sent(given.length()));
    return region;
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

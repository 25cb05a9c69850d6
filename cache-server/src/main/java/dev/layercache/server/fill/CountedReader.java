package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Adds up the bytes that a reader gives out. */
final class CountedReader implements BlobReader {
  private final BlobReader delegate;
  private final LongAdder bytes;

  CountedReader(BlobReader delegate, LongAdder bytes) {
    this.delegate = delegate;
    this.bytes = bytes;
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
    int length = delegate.read(target);
    bytes.add(Math.max(0, length));
    return length;
  }

  @Override
  public Optional<FileRegion> nextRegion(long most) throws IOException {
    var region = delegate.nextRegion(most);
    region.ifPresent(given -> bytes.add(given.length()));
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

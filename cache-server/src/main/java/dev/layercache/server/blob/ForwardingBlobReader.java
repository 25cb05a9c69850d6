package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A reader that hands every call on: decorators override what they change. Closing it closes the
 * reader behind it. Not thread-safe, as every {@link BlobReader}.
 */
public abstract class ForwardingBlobReader implements BlobReader {
  /** The reader behind this one. */
  protected final BlobReader delegate;

  /**
   * @param delegate belongs to this reader from now on
   */
  protected ForwardingBlobReader(BlobReader delegate) {
    this.delegate = delegate;
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
    return delegate.read(target);
  }

  @Override
  public Optional<FileRegion> nextRegion(long most) throws IOException {
    return delegate.nextRegion(most);
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

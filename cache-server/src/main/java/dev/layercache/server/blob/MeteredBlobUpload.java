package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Counts the bytes that an upload accepts. */
final class MeteredBlobUpload implements BlobUpload {
  private final BlobUpload delegate;
  private final BlobCounters counters;

  MeteredBlobUpload(BlobUpload delegate, BlobCounters counters) {
    this.delegate = delegate;
    this.counters = counters;
  }

  @Override
  public UploadId id() {
    return delegate.id();
  }

  @Override
  public long position() {
    return delegate.position();
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int written = delegate.write(source);
    counters.received(written);
    return written;
  }

  @Override
  public BlobInfo commit(Digest expected) throws IOException {
    return delegate.commit(expected);
  }

  @Override
  public void abort() {
    delegate.abort();
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

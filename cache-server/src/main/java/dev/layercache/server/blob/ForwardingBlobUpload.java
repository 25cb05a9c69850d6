package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An upload that hands every call on: decorators override what they change. It ends as the upload
 * behind it does. Not thread-safe, as every {@link BlobUpload}.
 */
public abstract class ForwardingBlobUpload implements BlobUpload {
  /** The upload behind this one. */
  protected final BlobUpload delegate;

  /**
   * @param delegate belongs to this upload from now on
   */
  protected ForwardingBlobUpload(BlobUpload delegate) {
    this.delegate = delegate;
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
    return delegate.write(source);
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

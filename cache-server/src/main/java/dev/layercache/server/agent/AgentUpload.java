package dev.layercache.server.agent;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An upload that is committed once the parent has the blob too. */
final class AgentUpload implements BlobUpload {
  private final BlobUpload delegate;
  private final PushThrough pushes;

  AgentUpload(BlobUpload delegate, PushThrough pushes) {
    this.delegate = delegate;
    this.pushes = pushes;
  }

  /**
   * As {@link BlobUpload#commit}. When the parent does not take the blob, it is stored here all the
   * same, and the client, which was told so, pushes it again.
   */
  @Override
  public BlobInfo commit(Digest expected) throws IOException {
    var info = delegate.commit(expected);
    pushes.blob(info);
    return info;
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

package dev.layercache.server.blob.memory;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** One holder's handle on an {@link Upload}. */
final class MemoryBlobUpload implements BlobUpload {
  private final Upload upload;
  private long position;
  private volatile boolean closed;

  MemoryBlobUpload(Upload upload, long position) {
    this.upload = upload;
    this.position = position;
  }

  @Override
  public UploadId id() {
    return upload.id();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    requireOpen();
    int written = upload.append(this, source);
    position += written;
    return written;
  }

  @Override
  public BlobInfo commit(Digest expected) throws IOException {
    requireOpen();
    return upload.commit(this, expected);
  }

  @Override
  public void abort() {
    upload.abort(this);
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
    upload.release(this);
  }

  private void requireOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }
}

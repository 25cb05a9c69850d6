package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** One holder's grip on an upload; worthless once somebody else got hold of it. */
final class UploadHandle implements BlobUpload {
  private final StagedUpload upload;
  private final int epoch;
  private volatile boolean open = true;
  private volatile boolean closed;

  UploadHandle(StagedUpload upload, int epoch) {
    this.upload = upload;
    this.epoch = epoch;
  }

  @Override
  public UploadId id() {
    return upload.id();
  }

  @Override
  public long position() {
    return upload.position();
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    requireNotClosed();
    return upload.write(epoch, source);
  }

  @Override
  public BlobInfo commit(Digest expected) throws IOException {
    requireNotClosed();
    return upload.commit(epoch, expected);
  }

  @Override
  public void abort() {
    open = false;
    upload.abort(epoch);
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    closed = true;
    upload.release(epoch);
  }

  private void requireNotClosed() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }
}

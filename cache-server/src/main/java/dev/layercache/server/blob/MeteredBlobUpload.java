package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Counts the bytes that an upload accepts. */
final class MeteredBlobUpload extends ForwardingBlobUpload {
  private final BlobCounters counters;

  MeteredBlobUpload(BlobUpload delegate, BlobCounters counters) {
    super(delegate);
    this.counters = counters;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int written = delegate.write(source);
    counters.received(written);
    return written;
  }
}

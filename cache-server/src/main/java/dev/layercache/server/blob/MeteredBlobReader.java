package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Counts the bytes that a reader gives out. */
final class MeteredBlobReader extends ForwardingBlobReader {
  private final BlobCounters counters;

  MeteredBlobReader(BlobReader delegate, BlobCounters counters) {
    super(delegate);
    this.counters = counters;
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
}

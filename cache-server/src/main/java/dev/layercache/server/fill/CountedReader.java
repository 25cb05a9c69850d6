package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.FileRegion;
import dev.layercache.server.blob.ForwardingBlobReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Adds up the bytes that a reader gives out. */
final class CountedReader extends ForwardingBlobReader {
  private final LongAdder bytes;

  CountedReader(BlobReader delegate, LongAdder bytes) {
    super(delegate);
    this.bytes = bytes;
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
}

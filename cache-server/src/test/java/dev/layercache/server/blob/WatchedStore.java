package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store that tells what its readers are doing, fails on demand as a disk does, and may offer a
 * file in place of the bytes.
 */
public final class WatchedStore extends ForwardingBlobStore {
  private final AtomicInteger openReaders = new AtomicInteger();
  private final AtomicLong bytesRead = new AtomicLong();
  private final AtomicInteger regions = new AtomicInteger();
  private final Optional<Path> file;
  private volatile Optional<Exception> failure = Optional.empty();

  public WatchedStore(BlobStore delegate) {
    this(delegate, Optional.empty());
  }

  /**
   * @param file holds the bytes of every blob that is read
   */
  public WatchedStore(BlobStore delegate, Optional<Path> file) {
    super(delegate);
    this.file = file;
  }

  /** From now on every call that reads or begins to write a blob fails with this. */
  public void failWith(Exception reason) {
    failure = Optional.of(reason);
  }

  /** From now on nothing fails. */
  public void recover() {
    failure = Optional.empty();
  }

  public int openReaders() {
    return openReaders.get();
  }

  /** Bytes that readers gave out, file regions not counted. */
  public long bytesRead() {
    return bytesRead.get();
  }

  /** File regions that readers gave out. */
  public int regions() {
    return regions.get();
  }

  private void mayFail() throws IOException {
    if (failure.isPresent()) {
      if (failure.get() instanceof RuntimeException e) {
        throw e;
      }
      throw (IOException) failure.get();
    }
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    mayFail();
    var opened = delegate.open(digest, range);
    if (opened.isEmpty()) {
      return opened;
    }
    openReaders.incrementAndGet();
    var channel =
        file.isPresent()
            ? Optional.of(FileChannel.open(file.get(), StandardOpenOption.READ))
            : Optional.<FileChannel>empty();
    return Optional.of(new Reader(opened.get(), channel, range.offset()));
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    mayFail();
    return delegate.begin(hint);
  }

  private final class Reader implements BlobReader {
    private final BlobReader reader;
    private final Optional<FileChannel> channel;
    private long position;
    private long remaining;
    private boolean closed;

    Reader(BlobReader reader, Optional<FileChannel> channel, long position) {
      this.reader = reader;
      this.channel = channel;
      this.position = position;
      this.remaining = reader.remaining();
    }

    @Override
    public Optional<FileRegion> nextRegion(long most) {
      if (channel.isEmpty() || remaining == 0) {
        return Optional.empty();
      }
      long length = Math.min(most, remaining);
      var region = new FileRegion(channel.get(), position, length);
      position += length;
      remaining -= length;
      regions.incrementAndGet();
      return Optional.of(region);
    }

    @Override
    public BlobInfo info() {
      return reader.info();
    }

    @Override
    public long remaining() {
      return remaining;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      int read = reader.read(target);
      remaining -= Math.max(0, read);
      bytesRead.addAndGet(Math.max(0, read));
      return read;
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        reader.close();
        openReaders.decrementAndGet();
        channel.ifPresent(
            open -> {
              try {
                open.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
    }
  }
}

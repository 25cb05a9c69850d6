package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobFollower;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.FileRegion;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A store that tells what its readers are doing, and may offer a file in place of their bytes. */
final class WatchedStore implements BlobStore {
  final AtomicInteger openReaders = new AtomicInteger();
  final AtomicLong bytesRead = new AtomicLong();
  final AtomicInteger regions = new AtomicInteger();
  private final BlobStore delegate;
  private final Optional<Path> file;

  /**
   * @param file holds the bytes of every blob that is read
   */
  WatchedStore(BlobStore delegate, Optional<Path> file) {
    this.delegate = delegate;
    this.file = file;
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
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
  public Optional<BlobInfo> stat(Digest digest) throws IOException {
    return delegate.stat(digest);
  }

  @Override
  public Set<Digest> findMissing(Collection<Digest> digests) throws IOException {
    return delegate.findMissing(digests);
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    return delegate.begin(hint);
  }

  @Override
  public Optional<BlobUpload> resume(UploadId id) throws IOException {
    return delegate.resume(id);
  }

  @Override
  public Optional<UploadInfo> status(UploadId id) throws IOException {
    return delegate.status(id);
  }

  @Override
  public Optional<BlobFollower> follow(UploadId id, long offset, Duration patience)
      throws IOException {
    return delegate.follow(id, offset, patience);
  }

  @Override
  public boolean delete(Digest digest) throws IOException {
    return delegate.delete(digest);
  }

  @Override
  public List<UploadInfo> uploads(int most) throws IOException {
    return delegate.uploads(most);
  }

  @Override
  public int expireUploads(Instant before) throws IOException {
    return delegate.expireUploads(before);
  }

  @Override
  public Usage usage() {
    return delegate.usage();
  }

  @Override
  public void close() {
    delegate.close();
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

package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobFollower;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts open readers, and fails on demand as a disk does. */
final class WatchedStore implements BlobStore {
  private final BlobStore delegate =
      new MemoryBlobStore(TestServer.MAX_BLOB_BYTES, Clock.systemUTC());
  private final AtomicInteger openReaders = new AtomicInteger();
  private volatile Optional<Exception> failure = Optional.empty();

  /** From now on every call that reads or writes a blob fails with this. */
  void failWith(Exception reason) {
    failure = Optional.of(reason);
  }

  /** From now on nothing fails. */
  void recover() {
    failure = Optional.empty();
  }

  int openReaders() {
    return openReaders.get();
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
    return delegate.open(digest, range).map(WatchedReader::new);
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    mayFail();
    return delegate.begin(hint);
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

  private final class WatchedReader implements BlobReader {
    private final BlobReader reader;
    private boolean closed;

    WatchedReader(BlobReader reader) {
      this.reader = reader;
      openReaders.incrementAndGet();
    }

    @Override
    public BlobInfo info() {
      return reader.info();
    }

    @Override
    public long remaining() {
      return reader.remaining();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return reader.read(target);
    }

    @Override
    public boolean isOpen() {
      return reader.isOpen();
    }

    @Override
    public void close() {
      reader.close();
      if (!closed) {
        closed = true;
        openReaders.decrementAndGet();
      }
    }
  }
}

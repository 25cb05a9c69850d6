package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A store that hands every call on: decorators override what they change. As thread-safe as the
 * store behind it. Only {@link #sizesAtOnce} is not handed on: a decorator that changes {@link
 * #findMissing} would be passed by.
 */
public abstract class ForwardingBlobStore implements BlobStore {
  /** The store behind this one. */
  protected final BlobStore delegate;

  /**
   * @param delegate is closed by {@link #close}, unless that is overridden
   */
  protected ForwardingBlobStore(BlobStore delegate) {
    this.delegate = delegate;
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) throws IOException {
    return delegate.stat(digest);
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    return delegate.open(digest, range);
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
}

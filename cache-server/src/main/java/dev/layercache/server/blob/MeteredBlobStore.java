package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Counts what is asked of {@code delegate} and what moves in and out of it. Only {@link #open} is a
 * hit or a miss: {@code stat} and {@code findMissing} move nothing, and clients call them to learn
 * what to send.
 */
public final class MeteredBlobStore extends ForwardingBlobStore {
  private final BlobCounters counters;

  /**
   * @param delegate is closed by {@link #close}
   * @param counters may be read at any time, also after that
   */
  public MeteredBlobStore(BlobStore delegate, BlobCounters counters) {
    super(delegate);
    this.counters = counters;
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    var opened = delegate.open(digest, range);
    counters.opened(opened.isPresent());
    return opened.map(reader -> new MeteredBlobReader(reader, counters));
  }

  /** Looking is not counted, and changes nothing here. */
  @Override
  public Optional<long[]> sizesAtOnce(List<Digest> digests) {
    return delegate.sizesAtOnce(digests);
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    return new MeteredBlobUpload(delegate.begin(hint), counters);
  }

  @Override
  public Optional<BlobUpload> resume(UploadId id) throws IOException {
    return delegate.resume(id).map(upload -> new MeteredBlobUpload(upload, counters));
  }

  @Override
  public Optional<BlobFollower> follow(UploadId id, long offset, Duration patience)
      throws IOException {
    return delegate
        .follow(id, offset, patience)
        .map(follower -> new MeteredBlobFollower(follower, counters));
  }
}

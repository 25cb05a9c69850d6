package dev.layercache.server.blob.memory;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobFollower;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobTooLargeException;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store on the heap. Holds as many bytes as the heap has room for; nothing is evicted and nothing
 * survives {@link #close}. A blob that was committed under its SHA-512 digest is also there under
 * its SHA-256 digest, and deleting either deletes both.
 */
public final class MemoryBlobStore implements BlobStore {
  private static final int MAX_UPLOADS = 10_000;

  private final long maxBlobBytes;
  private final Clock clock;
  private final Blobs blobs = new Blobs();
  private final Map<UploadId, Upload> uploads = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * @param maxBlobBytes bytes that one blob may have
   * @param clock tells when an upload was last touched
   */
  public MemoryBlobStore(long maxBlobBytes, Clock clock) {
    this.maxBlobBytes = maxBlobBytes;
    this.clock = clock;
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) throws IOException {
    requireOpen();
    return blobs.find(digest).map(content -> new BlobInfo(digest, content.size()));
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    requireOpen();
    var found = blobs.find(digest);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var content = found.get();
    long length = range.lengthIn(content.size());
    var info = new BlobInfo(digest, content.size());
    return Optional.of(new MemoryBlobReader(info, content, range.offset(), length));
  }

  @Override
  public Set<Digest> findMissing(Collection<Digest> digests) throws IOException {
    requireOpen();
    var missing = new LinkedHashSet<Digest>();
    for (var digest : digests) {
      if (blobs.find(digest).isEmpty()) {
        missing.add(digest);
      }
    }
    return missing;
  }

  @Override
  public Optional<long[]> sizesAtOnce(List<Digest> digests) {
    return closed
        ? Optional.empty()
        : Optional.of(
            digests.stream()
                .mapToLong(digest -> blobs.find(digest).map(Chunks::size).orElse(ABSENT))
                .toArray());
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    requireOpen();
    if (hint.size().isPresent() && hint.size().getAsLong() > maxBlobBytes) {
      throw new BlobTooLargeException(hint.size().getAsLong(), maxBlobBytes);
    }
    if (uploads.size() >= MAX_UPLOADS) {
      throw new UnavailableException(
          "%d uploads are open (expected: fewer than %d)".formatted(uploads.size(), MAX_UPLOADS));
    }
    var upload = new Upload(hint.id().orElseGet(UploadId::random), this);
    var handle = upload.take().orElseThrow();
    var earlier = Optional.ofNullable(uploads.put(upload.id(), upload));
    earlier.ifPresent(Upload::abort);
    if (closed) {
      // close() may have gone through the uploads before this one was among them.
      upload.storeClosed();
    }
    return handle;
  }

  @Override
  public Optional<BlobUpload> resume(UploadId id) throws IOException {
    requireOpen();
    return find(id).flatMap(Upload::take);
  }

  @Override
  public Optional<UploadInfo> status(UploadId id) throws IOException {
    requireOpen();
    return find(id).flatMap(Upload::info);
  }

  @Override
  public Optional<BlobFollower> follow(UploadId id, long offset, Duration patience)
      throws IOException {
    requireOpen();
    if (offset < 0) {
      throw new IllegalArgumentException("offset: %d (expected: >= 0)".formatted(offset));
    }
    return find(id).map(upload -> new MemoryBlobFollower(upload, offset, patience));
  }

  @Override
  public boolean delete(Digest digest) throws IOException {
    requireOpen();
    return blobs.remove(digest);
  }

  @Override
  public List<UploadInfo> uploads(int most) throws IOException {
    requireOpen();
    return uploads.values().stream()
        .flatMap(upload -> upload.info().stream())
        .sorted(Comparator.comparing(UploadInfo::updated))
        .limit(most)
        .toList();
  }

  @Override
  public int expireUploads(Instant before) throws IOException {
    requireOpen();
    return (int) uploads.values().stream().filter(upload -> upload.expire(before)).count();
  }

  @Override
  public Usage usage() {
    return blobs.usage(uploads.size());
  }

  @Override
  public void close() {
    closed = true;
    uploads.values().forEach(Upload::storeClosed);
    blobs.clear();
  }

  long maxBlobBytes() {
    return maxBlobBytes;
  }

  Instant now() {
    return clock.instant();
  }

  /** Makes {@code content} visible under both digests, unless it is there already. */
  void publish(Digest sha256, Digest named, Chunks content) {
    blobs.add(sha256, named, content);
  }

  /** The upload has ended; another that was begun under its name since stays. */
  void forget(Upload upload) {
    uploads.remove(upload.id(), upload);
  }

  private Optional<Upload> find(UploadId id) {
    return Optional.ofNullable(uploads.get(id));
  }

  private void requireOpen() throws UnavailableException {
    if (closed) {
      throw new UnavailableException("the store is closed");
    }
  }
}

package dev.layercache.server.mirror;

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
import dev.layercache.server.fill.Fills;
import dev.layercache.server.image.Images;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A store for clients that name no repository, as those of the Remote Execution API: what is not
 * stored is filled when it is opened, if a manifest of a copy names it. {@link #stat} and {@link
 * #findMissing} ask the store alone: that is how clients learn what to push.
 */
public final class LinkedBlobs implements BlobStore {
  private final BlobStore store;
  private final Images images;
  private final Origins origins;
  private final Fills fills;

  /**
   * @param store is the one that {@code fills} fills; closed by {@link #close}
   */
  public LinkedBlobs(BlobStore store, Images images, Origins origins, Fills fills) {
    this.store = store;
    this.images = images;
    this.origins = origins;
    this.fills = fills;
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    var found = store.open(digest, range);
    if (found.isPresent()) {
      return found;
    }
    var origin = originOf(digest);
    return origin.isPresent() ? fills.open(digest, range, origin.get()) : Optional.empty();
  }

  /** As {@link #stat}, of what {@link #open} would fill too. Fills nothing. */
  public Optional<BlobInfo> statReadable(Digest digest) throws IOException {
    var found = store.stat(digest);
    if (found.isPresent()) {
      return found;
    }
    var origin = originOf(digest);
    return origin.isPresent() ? fills.stat(digest, origin.get()) : Optional.empty();
  }

  private Optional<OriginRepository> originOf(Digest digest) throws IOException {
    for (String repository : images.repositoriesNaming(digest)) {
      var origin = origins.of(repository);
      if (origin.isPresent()) {
        return origin;
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) throws IOException {
    return store.stat(digest);
  }

  @Override
  public Set<Digest> findMissing(Collection<Digest> digests) throws IOException {
    return store.findMissing(digests);
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    return store.begin(hint);
  }

  @Override
  public Optional<BlobUpload> resume(UploadId id) throws IOException {
    return store.resume(id);
  }

  @Override
  public Optional<UploadInfo> status(UploadId id) throws IOException {
    return store.status(id);
  }

  @Override
  public Optional<BlobFollower> follow(UploadId id, long offset, Duration patience)
      throws IOException {
    return store.follow(id, offset, patience);
  }

  @Override
  public boolean delete(Digest digest) throws IOException {
    return store.delete(digest);
  }

  @Override
  public List<UploadInfo> uploads(int most) throws IOException {
    return store.uploads(most);
  }

  @Override
  public int expireUploads(Instant before) throws IOException {
    return store.expireUploads(before);
  }

  @Override
  public Usage usage() {
    return store.usage();
  }

  @Override
  public void close() {
    store.close();
  }
}

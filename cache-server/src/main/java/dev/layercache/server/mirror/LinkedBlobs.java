package dev.layercache.server.mirror;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.ForwardingBlobStore;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.image.Images;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A store for clients that name no repository, as those of the Remote Execution API: what is not
 * stored is filled when it is opened, if a manifest of a copy names it. {@link #stat} and {@link
 * #findMissing} ask the store alone: that is how clients learn what to push.
 */
public final class LinkedBlobs extends ForwardingBlobStore {
  private final Images images;
  private final Origins origins;
  private final Fills fills;

  /**
   * @param store is the one that {@code fills} fills; closed by {@link #close}
   */
  public LinkedBlobs(BlobStore store, Images images, Origins origins, Fills fills) {
    super(store);
    this.images = images;
    this.origins = origins;
    this.fills = fills;
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    var found = delegate.open(digest, range);
    if (found.isPresent()) {
      return found;
    }
    var origin = originOf(digest);
    return origin.isPresent() ? fills.open(digest, range, origin.get()) : Optional.empty();
  }

  @Override
  public Optional<long[]> sizesAtOnce(List<Digest> digests) {
    return delegate.sizesAtOnce(digests);
  }

  /** As {@link #stat}, of what {@link #open} would fill too. Fills nothing. */
  public Optional<BlobInfo> statReadable(Digest digest) throws IOException {
    var found = delegate.stat(digest);
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
}

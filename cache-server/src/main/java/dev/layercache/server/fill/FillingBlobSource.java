package dev.layercache.server.fill;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * A store in front of one origin: what is not stored is filled when it is read. {@link
 * #findMissing} asks the store alone.
 */
public final class FillingBlobSource implements BlobSource {
  private final BlobSource store;
  private final Fills fills;
  private final BlobOrigin origin;

  /**
   * @param store the one that {@code fills} fills
   */
  public FillingBlobSource(BlobSource store, Fills fills, BlobOrigin origin) {
    this.store = store;
    this.fills = fills;
    this.origin = origin;
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) throws IOException {
    return fills.stat(digest, origin);
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    return fills.open(digest, range, origin);
  }

  @Override
  public Set<Digest> findMissing(Collection<Digest> digests) throws IOException {
    return store.findMissing(digests);
  }
}

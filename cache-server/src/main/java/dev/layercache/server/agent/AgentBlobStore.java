package dev.layercache.server.agent;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.ForwardingBlobStore;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.fill.Fills;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the doors of an agent work on: reads what is here, fills from the parent what is not, and
 * hands every committed upload to the parent before the commit returns. While the parent is away
 * nothing is taken in.
 */
final class AgentBlobStore extends ForwardingBlobStore {
  private final Fills fills;
  private final Parent parent;
  private final ParentBlobs origin;
  private final PushThrough pushes;

  /**
   * @param store the one that {@code fills} fills; stays the caller's to close
   */
  AgentBlobStore(
      BlobStore store, Fills fills, Parent parent, ParentBlobs origin, PushThrough pushes) {
    super(store);
    this.fills = fills;
    this.parent = parent;
    this.origin = origin;
    this.pushes = pushes;
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) throws IOException {
    return fills.stat(digest, origin);
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    return fills.open(digest, range, origin);
  }

  /**
   * Which of these the parent lacks: who asks wants to push them. While it is away, which of these
   * are not here.
   */
  @Override
  public Set<Digest> findMissing(Collection<Digest> digests) throws IOException {
    var missing = new LinkedHashSet<>(digests);
    var here = new LinkedHashSet<>(digests);
    here.removeAll(delegate.findMissing(digests));
    try {
      var there = parent.put(client -> client.find(missing, true));
      there.stream().map(Descriptor::digest).forEach(missing::remove);
      missing.remove(Digest.EMPTY);
    } catch (UnavailableException e) {
      missing.removeAll(here);
    }
    return missing;
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    parent.requireForPush();
    return new AgentUpload(delegate.begin(hint), pushes);
  }

  @Override
  public Optional<BlobUpload> resume(UploadId id) throws IOException {
    return delegate.resume(id).map(upload -> new AgentUpload(upload, pushes));
  }

  @Override
  public void close() {}
}

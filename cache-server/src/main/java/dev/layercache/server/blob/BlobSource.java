package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reading blobs. Thread-safe; any method may block on disk or network. {@link Digest#EMPTY} is
 * always there (REAPI, "ContentAddressableStorage").
 */
public interface BlobSource {

  /** What is known of a blob; empty when it is not stored. Does not renew its life. */
  Optional<BlobInfo> stat(Digest digest) throws IOException;

  /**
   * Opens a range of a blob for reading and renews the blob's life.
   *
   * @return a reader that the caller closes; empty when the blob is not stored
   * @throws OutOfRangeException if the range starts behind the end of the blob
   */
  Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException;

  /**
   * Which of these blobs are not stored. Renews the life of those that are (REAPI,
   * "FindMissingBlobs").
   *
   * @return a new set in the order of {@code digests}
   */
  Set<Digest> findMissing(Collection<Digest> digests) throws IOException;

  /** {@link #sizesAtOnce}: the blob is not stored. */
  long ABSENT = -1;

  /**
   * What {@link #findMissing} would find, if it can be said without waiting for anything, disk and
   * network included: the one method that may be called on an event loop. Renews the life of those
   * that are stored.
   *
   * @return for each digest the size of the blob, or {@link #ABSENT}; empty when something would
   *     have to be waited for, or when this source never knows at once
   */
  default Optional<long[]> sizesAtOnce(List<Digest> digests) {
    return Optional.empty();
  }
}

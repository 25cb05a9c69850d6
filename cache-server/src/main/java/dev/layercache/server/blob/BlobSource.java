package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.util.Collection;
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
}

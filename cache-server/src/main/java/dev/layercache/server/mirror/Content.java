package dev.layercache.server.mirror;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.OutOfRangeException;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.ManifestContent;
import dev.layercache.server.image.StoredManifest;
import dev.layercache.server.mirror.Origins.Asked;
import java.io.IOException;
import java.util.Optional;

/**
 * What can be pulled out of repositories, wherever it comes from. Thread-safe; blocks on disk, and
 * on the network where something is not stored.
 */
public interface Content {

  /** As {@link Origins#locate}. */
  Optional<String> locate(Asked asked) throws IOException;

  /**
   * A manifest with its bytes, as {@link Images#get} gives it.
   *
   * @return empty when there is none
   * @throws UnavailableException if it is not stored and its origin cannot be asked
   * @throws OriginDeniedException if it is not stored and its origin does not show it
   */
  Optional<Found<ManifestContent>> get(String repository, String reference) throws IOException;

  /** As {@link #get}, without the bytes. */
  Optional<Found<StoredManifest>> resolve(String repository, String reference) throws IOException;

  /**
   * What is known of a blob.
   *
   * @throws IOException as {@link #get}
   */
  Optional<BlobInfo> stat(String repository, Digest blob) throws IOException;

  /**
   * Opens a range of a blob.
   *
   * @return a reader that the caller closes; empty when the repository has no such blob
   * @throws OutOfRangeException if the range starts behind the end of the blob
   * @throws IOException as {@link #get}
   */
  Optional<BlobReader> open(String repository, Digest blob, ByteRange range) throws IOException;
}

package dev.layercache.server.blob;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Taking blobs in. Thread-safe; any method may block on disk. Nothing is visible before {@link
 * BlobUpload#commit}.
 */
public interface BlobIngest {
  /** The most bytes that a follower stays behind the writer: a chunk of the store. */
  int MAX_FOLLOWER_LAG = 256 << 10;

  /**
   * Begins an upload. When the hint names an id that is in use, that upload is aborted first: the
   * client starts over.
   *
   * @throws BlobTooLargeException if the hinted size is larger than the configured maximum
   * @throws OutOfSpaceException if there is no room for the hinted size
   * @throws UnavailableException if too many uploads are open, or the store is closing
   */
  BlobUpload begin(UploadHint hint) throws IOException;

  /**
   * Continues an upload at its {@link BlobUpload#position}, taking it over from whoever holds it: a
   * client that lost its connection is not kept waiting for the server to notice.
   *
   * @return empty when there is no such upload: never begun, ended, or expired
   */
  Optional<BlobUpload> resume(UploadId id) throws IOException;

  /** Where an unfinished upload stands, without touching it; empty when there is no such upload. */
  Optional<UploadInfo> status(UploadId id) throws IOException;

  /**
   * Reads an upload while it is being written, at most {@link #MAX_FOLLOWER_LAG} behind the writer.
   * The newest chunk is withheld until more bytes follow it or the upload is committed, so the end
   * of a blob is never seen before its digest is verified. Does not disturb the writer; any number
   * of followers may read, each at its own pace.
   *
   * <p>{@link BlobFollower#read} waits for bytes. It returns -1 at the end of the committed blob,
   * and throws {@link UploadGoneException} if the upload was aborted and {@link
   * UnavailableException} if no byte came for {@code patience}.
   *
   * @param offset first byte wanted; may lie ahead of the writer
   * @return a reader that the caller closes; empty when there is no such unfinished upload
   */
  Optional<BlobFollower> follow(UploadId id, long offset, Duration patience) throws IOException;
}

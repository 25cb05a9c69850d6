package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Managing what is stored. Thread-safe; any method may block on disk. */
public interface BlobAdmin {

  /**
   * Deletes a blob: it is missing from now on, and its space is freed once nobody reads it any
   * more. {@link Digest#EMPTY} stays.
   *
   * @return whether it was there
   */
  boolean delete(Digest digest) throws IOException;

  /** Unfinished uploads, the one that was quiet for longest first, at most {@code most} of them. */
  List<UploadInfo> uploads(int most) throws IOException;

  /**
   * Aborts uploads that nobody holds and that were last touched before {@code before}.
   *
   * @return how many there were
   */
  int expireUploads(Instant before) throws IOException;

  /** How much is stored. Kept as counters: the store is not walked. */
  Usage usage();

  /**
   * @param blobs stored now
   * @param bytes of those blobs
   * @param uploads unfinished now
   */
  record Usage(long blobs, long bytes, long uploads) {}
}

package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * When blobs were last used, and letting go of those that were not used for longest. Thread-safe;
 * any method may block on disk.
 *
 * <p><b>A use wins.</b> Whoever is told that a blob is there ({@link BlobSource#findMissing},
 * {@link BlobSource#open}, a commit) has renewed it before. {@link #evict} takes a blob only if it
 * was not renewed since a moment that lies before everything that the caller looked at: so the
 * caller may first begin a {@link #cutoff}, then read who names a blob, then evict it, and no hold,
 * manifest or lease that is written meanwhile loses the blob.
 */
public interface BlobEviction extends BlobHolds {

  /**
   * Blobs in the order of their last use, the one that was unused for longest first.
   *
   * @param from where to start
   * @param most how many at most; at least 1, and bounded by the caller
   * @return fewer than {@code most} only at the end of the order
   */
  List<AgedBlob> oldest(UsePosition from, int most) throws IOException;

  /** A blob's names and place in the order, by any of its names; empty when it is not stored. */
  Optional<AgedBlob> find(Digest digest) throws IOException;

  /**
   * Moves blobs forward in the order, as if they were last used in {@code hour}. Does not protect
   * them.
   */
  void moveTo(int hour, Collection<Digest> digests) throws IOException;

  /**
   * Begins a round: the returned moment lies {@code grace} ago, and before the first hold that is
   * open.
   */
  Cutoff cutoff(Duration grace);

  /** Whether a blob was renewed since {@code cutoff}; may say so of one that was not. */
  boolean usedSince(Digest digest, Cutoff cutoff) throws IOException;

  /**
   * Deletes blobs, all in one write, except those that were renewed since {@code cutoff}.
   *
   * @param digests at most {@link #MAX_EVICTED_AT_ONCE}
   * @return those that were there and are gone now
   */
  List<BlobInfo> evict(Collection<Digest> digests, Cutoff cutoff) throws IOException;

  /** Most blobs of one {@link #evict}: a few milliseconds of work for the store's only writer. */
  int MAX_EVICTED_AT_ONCE = 256;

  /**
   * A moment of {@link #cutoff}.
   *
   * @param second on the store's clock, since 1970
   */
  record Cutoff(int second) {}
}

package dev.layercache.server.blob;

import java.io.IOException;

/**
 * How many bytes of disk a store may take, and how many it takes. Writers that find no room wait
 * for a moment while room is made; they are told why when none can be. Thread-safe.
 */
public interface SpaceBudget {

  /**
   * Bytes that the store may take on disk, files of unfinished uploads included: what is
   * configured, or less while others fill the volume.
   */
  long limit();

  /** Looks how much is taken now. Costs a look at a few directories: not for every request. */
  SpaceUse measure() throws IOException;

  /**
   * Whom to call when a writer finds no room, or little is left.
   *
   * @param wake must return at once; called often
   */
  void onPressure(Runnable wake);

  /**
   * Says that nothing more can be evicted: writers without room are refused at once, until {@link
   * #relieved}.
   *
   * @param why what takes the room, for the message to the client
   */
  void exhausted(String why);

  /** Has the store free what deleted blobs still take on disk; does not wait. Called often. */
  void reclaim();

  /** Says that waiting for room makes sense again. */
  void relieved();

  /**
   * Bytes on disk.
   *
   * @param blobs bytes of all stored blobs
   * @param files bytes of the database's files, those blobs included
   * @param logs bytes of the database's log, twice, since it is flushed into files before it goes,
   *     and of everything else beside the files
   * @param staged bytes of unfinished uploads
   * @param free bytes of the volume that could be taken too
   */
  record SpaceUse(long blobs, long files, long logs, long staged, long free) {
    /** All of it. */
    public long total() {
      return files + logs + staged;
    }
  }
}

package dev.layercache.client;

import dev.layercache.oci.Descriptor;

/**
 * Watches a push or pull. Called from several threads at once, but for one blob by one thread at a
 * time and in order: {@link #started}, any number of {@link #progressed}, {@link #finished}; or
 * {@link #alreadyThere} alone. A blob whose transfer fails is never finished. Calls should return
 * quickly: the transfer waits for them. What they throw is logged and does not disturb it.
 */
public interface TransferListener {
  /** Watches nothing. */
  TransferListener NONE = new TransferListener() {};

  /**
   * A blob or manifest begins to move.
   *
   * @param offset bytes that an earlier attempt left behind and that do not move again
   */
  default void started(Descriptor blob, long offset) {}

  /**
   * Bytes moved.
   *
   * @param position bytes of the blob that are across; less than before when a broken transfer went
   *     on at an earlier byte
   */
  default void progressed(Descriptor blob, long position) {}

  /** A blob or manifest is across and verified. */
  default void finished(Descriptor blob) {}

  /** A blob or manifest did not have to move. */
  default void alreadyThere(Descriptor blob) {}
}

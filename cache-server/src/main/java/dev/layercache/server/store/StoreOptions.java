package dev.layercache.server.store;

import java.time.Duration;

/**
 * The bounds of a store. {@link #DEFAULTS} suit a build server; a test takes smaller ones.
 *
 * @param maxBlobBytes largest blob that is taken in
 * @param smallBlobBytes blobs up to this size are written through the log, larger ones into files
 *     of their own
 * @param segmentBytes a large upload starts a new file after this many bytes; finished ones survive
 *     a crash
 * @param smallBufferBytes heap that all unfinished small uploads may take together; beyond it they
 *     spill to disk
 * @param maxWriters large uploads that may hold a native writer and two chunk buffers (512 KiB) at
 *     once
 * @param maxUploads unfinished uploads, idle ones included
 * @param idleAfter an upload that is quiet for this long lets go of memory and native objects
 * @param patience longest wait for a permit, a writer or the committer before the caller is told to
 *     try again
 * @param reserveBytes free space of the volume below which nothing is taken in, so that the log can
 *     always be written
 * @param presenceEntries blobs that are remembered to be there, 40 bytes of heap each
 * @param permits disk and hash sections at once; smaller than the virtual thread scheduler's
 *     parallelism
 */
public record StoreOptions(
    long maxBlobBytes,
    int smallBlobBytes,
    long segmentBytes,
    long smallBufferBytes,
    int maxWriters,
    int maxUploads,
    Duration idleAfter,
    Duration patience,
    long reserveBytes,
    int presenceEntries,
    int permits) {

  /** What {@code serve} uses unless told otherwise. */
  public static final StoreOptions DEFAULTS =
      new StoreOptions(
          32L << 30,
          256 << 10,
          128L << 20,
          Math.max(16L << 20, Runtime.getRuntime().maxMemory() / 8),
          256,
          10_000,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          64L << 20,
          (int) Math.min(1 << 24, Runtime.getRuntime().maxMemory() / 8 / 40),
          8);

  /** The same with another largest blob. */
  public StoreOptions withMaxBlobBytes(long bytes) {
    return new StoreOptions(
        bytes,
        smallBlobBytes,
        segmentBytes,
        smallBufferBytes,
        maxWriters,
        maxUploads,
        idleAfter,
        patience,
        reserveBytes,
        presenceEntries,
        permits);
  }

  /** The same with another segment size. */
  public StoreOptions withSegmentBytes(long bytes) {
    return new StoreOptions(
        maxBlobBytes,
        smallBlobBytes,
        bytes,
        smallBufferBytes,
        maxWriters,
        maxUploads,
        idleAfter,
        patience,
        reserveBytes,
        presenceEntries,
        permits);
  }

  /** The same with another number of remembered blobs. */
  public StoreOptions withPresenceEntries(int entries) {
    return new StoreOptions(
        maxBlobBytes,
        smallBlobBytes,
        segmentBytes,
        smallBufferBytes,
        maxWriters,
        maxUploads,
        idleAfter,
        patience,
        reserveBytes,
        entries,
        permits);
  }
}

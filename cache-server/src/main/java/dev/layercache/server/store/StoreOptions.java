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
 * @param maxWriters large uploads that may hold a file and a buffer (264 KiB of direct memory) at
 *     once
 * @param maxUploads unfinished uploads, idle ones included
 * @param idleAfter an upload that is quiet for this long lets go of memory and native objects
 * @param patience longest wait for a permit, a writer or the committer before the caller is told to
 *     try again
 * @param reserveBytes free space of the volume below which nothing is taken in, so that the log can
 *     always be written
 * @param budgetBytes what everything in the data directory may take on disk
 * @param roomPatience longest wait for room in the budget before an upload is refused
 * @param presenceEntries blobs that are remembered to be there, 40 bytes of heap each
 * @param databaseBytes native memory for the database's block cache and write buffers, half each
 * @param openFiles files that the database keeps open; a read costs 0.4 ms more beyond it
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
    long budgetBytes,
    Duration roomPatience,
    int presenceEntries,
    long databaseBytes,
    int openFiles,
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
          Long.MAX_VALUE / 2,
          Duration.ofSeconds(10),
          (int) Math.min(1 << 24, Runtime.getRuntime().maxMemory() / 16 / 40),
          128L << 20,
          OpenFiles.forDatabase(),
          Math.clamp(2L * Runtime.getRuntime().availableProcessors(), 4, 24));

  /** To change some of the bounds. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Some bounds changed, the others as they were. Not thread-safe. */
  public static final class Builder {
    private long maxBlobBytes;
    private int smallBlobBytes;
    private long segmentBytes;
    private long smallBufferBytes;
    private int maxWriters;
    private int maxUploads;
    private Duration idleAfter;
    private Duration patience;
    private long reserveBytes;
    private long budgetBytes;
    private Duration roomPatience;
    private int presenceEntries;
    private long databaseBytes;
    private int openFiles;
    private int permits;

    private Builder(StoreOptions from) {
      maxBlobBytes = from.maxBlobBytes;
      smallBlobBytes = from.smallBlobBytes;
      segmentBytes = from.segmentBytes;
      smallBufferBytes = from.smallBufferBytes;
      maxWriters = from.maxWriters;
      maxUploads = from.maxUploads;
      idleAfter = from.idleAfter;
      patience = from.patience;
      reserveBytes = from.reserveBytes;
      budgetBytes = from.budgetBytes;
      roomPatience = from.roomPatience;
      presenceEntries = from.presenceEntries;
      databaseBytes = from.databaseBytes;
      openFiles = from.openFiles;
      permits = from.permits;
    }

    public Builder maxBlobBytes(long bytes) {
      maxBlobBytes = bytes;
      return this;
    }

    public Builder smallBlobBytes(int bytes) {
      smallBlobBytes = bytes;
      return this;
    }

    public Builder segmentBytes(long bytes) {
      segmentBytes = bytes;
      return this;
    }

    public Builder smallBufferBytes(long bytes) {
      smallBufferBytes = bytes;
      return this;
    }

    public Builder maxWriters(int count) {
      maxWriters = count;
      return this;
    }

    public Builder maxUploads(int count) {
      maxUploads = count;
      return this;
    }

    public Builder idleAfter(Duration duration) {
      idleAfter = duration;
      return this;
    }

    public Builder patience(Duration duration) {
      patience = duration;
      return this;
    }

    public Builder reserveBytes(long bytes) {
      reserveBytes = bytes;
      return this;
    }

    public Builder budgetBytes(long bytes) {
      budgetBytes = bytes;
      return this;
    }

    public Builder roomPatience(Duration duration) {
      roomPatience = duration;
      return this;
    }

    public Builder presenceEntries(int count) {
      presenceEntries = count;
      return this;
    }

    public Builder databaseBytes(long bytes) {
      databaseBytes = bytes;
      return this;
    }

    public Builder openFiles(int count) {
      openFiles = count;
      return this;
    }

    public Builder permits(int count) {
      permits = count;
      return this;
    }

    public StoreOptions build() {
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
          budgetBytes,
          roomPatience,
          presenceEntries,
          databaseBytes,
          openFiles,
          permits);
    }
  }
}

package dev.layercache.server.store;

/**
 * What the database may take of a budget for itself, and the sizes of its files that follow: beside
 * a small budget they are small, or what it writes by itself, flushing and compacting, would not
 * fit. From some 16 GiB on they are RocksDB's usual ones. All in bytes.
 *
 * @param spare of the budget that is kept for what the database writes by itself
 * @param relocated live bytes that one pass of {@link SpaceReclaim} writes anew at most
 * @param log of the database; over it, what the oldest part holds is flushed
 * @param writeBuffer of one table, two at most
 * @param levelBase of a table's first level: a compaction rewrites two levels' overlap
 * @param tableFile of one table
 * @param blobFile of one file of small blobs
 * @param manifest of the list of files, before it is written anew
 * @param infoLog of RocksDB's own log, four at most
 */
record DatabaseShare(
    long spare,
    long relocated,
    long log,
    long writeBuffer,
    long levelBase,
    long tableFile,
    long blobFile,
    long manifest,
    long infoLog) {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;

  /** Below this, space is not allocated ahead: it would be a good part of the budget. */
  private static final long ALLOCATE_AHEAD = 4L << 30;

  static DatabaseShare of(long budget) {
    long spare = Math.max(Math.min(budget / 8, 512 * MIB), budget / 64);
    long levelBase = Math.clamp(spare / 8, MIB, 256 * MIB);
    return new DatabaseShare(
        spare,
        spare / 2,
        Math.clamp(budget / 32, MIB, 64 * MIB),
        Math.clamp(budget / 64, 512 * KIB, 16 * MIB),
        levelBase,
        levelBase / 4,
        Math.clamp(budget / 256, 512 * KIB, 256 * MIB),
        Math.clamp(budget / 64, MIB, 64 * MIB),
        Math.clamp(budget / 256, 256 * KIB, 8 * MIB));
  }

  static boolean allocatesAhead(long budget) {
    return budget >= ALLOCATE_AHEAD;
  }
}

package dev.layercache.server.store;

/**
 * A run of a large blob that lies in one file, as chunks of {@link SegmentLayout#CHUNK} bytes; only
 * the last is shorter.
 *
 * @param offset where the run starts in the blob, bytes
 * @param length of the run, bytes, at least 1
 * @param file number of its file: in {@code staging/} its index in the upload, in {@code db/} the
 *     number that RocksDB gave it; -1 when that is not known
 */
record Segment(long offset, long length, long file) {

  long end() {
    return offset + length;
  }

  Segment inFile(long number) {
    return new Segment(offset, length, number);
  }
}

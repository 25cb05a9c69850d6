package dev.layercache.server.store;

import dev.layercache.server.blob.BlobException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompressionType;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Writes one segment of a large blob into a file that can be ingested. Holds native objects until
 * {@link #finish} or {@link #close}. Not thread-safe.
 */
final class SegmentWriter implements AutoCloseable {
  private final Path file;
  private final long blobId;
  private final long offset;
  private final ByteBuffer key = ByteBuffer.allocateDirect(BlobKeys.CHUNK_KEY);
  private final EnvOptions environment;
  private final Options options;
  private final SstFileWriter writer;
  private long length;

  /**
   * @param file does not exist yet
   * @param offset where the segment starts in the blob
   */
  SegmentWriter(Path file, long blobId, long offset) throws BlobException {
    this.file = file;
    this.blobId = blobId;
    this.offset = offset;
    // A write buffer smaller than a chunk: every chunk but the newest is in the file, where
    // followers read it.
    environment = new EnvOptions().setWritableFileMaxBufferSize(64 << 10);
    options =
        new Options()
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setTableFormatConfig(tableFormat());
    writer = new SstFileWriter(environment, options);
    try {
      writer.open(file.toString());
    } catch (RocksDBException e) {
      close();
      throw RocksErrors.of("opening a segment file", e);
    }
  }

  /** One chunk in each block, so that its bytes are contiguous in the file. */
  static BlockBasedTableConfig tableFormat() {
    return new BlockBasedTableConfig()
        .setNoBlockCache(true)
        .setBlockSize(4 << 10)
        .setFormatVersion(6);
  }

  /** The segment as far as it was written. */
  Segment segment(long fileNumber) {
    return new Segment(offset, length, fileNumber);
  }

  long length() {
    return length;
  }

  Path file() {
    return file;
  }

  /**
   * Appends a chunk: {@link SegmentLayout#CHUNK} bytes, fewer only for the last. The direct buffer
   * is consumed.
   */
  void append(ByteBuffer chunk) throws BlobException {
    int bytes = chunk.remaining();
    BlobKeys.chunk(key, blobId, offset + length);
    try {
      writer.put(key, chunk);
    } catch (RocksDBException e) {
      throw RocksErrors.of("writing a segment", e);
    }
    length += bytes;
  }

  /** Completes the file, makes its bytes survive power loss, and lets go of every native object. */
  void finish() throws BlobException {
    try {
      writer.finish();
    } catch (RocksDBException e) {
      throw RocksErrors.of("finishing a segment", e);
    } finally {
      close();
    }
  }

  /** Whether the finished file holds the chunks where {@link SegmentLayout} says. */
  static boolean isProven(Path file, Segment segment, long blobId) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return SegmentLayout.isProven(channel, segment, blobId);
    }
  }

  /** Gives up on the file. */
  void discard() throws IOException {
    close();
    Files.deleteIfExists(file);
  }

  @Override
  public void close() {
    writer.close();
    options.close();
    environment.close();
  }
}

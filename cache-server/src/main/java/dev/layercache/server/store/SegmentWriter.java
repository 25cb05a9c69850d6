package dev.layercache.server.store;

import com.sun.nio.file.ExtendedOpenOption;
import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.rocksdb.BlockBasedTableConfig;

/**
 * Writes one segment of a large blob into a file that RocksDB can ingest. Bytes are gathered in
 * {@link #chunk} and go to the file, past the page cache, with {@link #append}: then they can be
 * read there. Holds a file until {@link #finish} or {@link #close}. Not thread-safe.
 *
 * <p>What lies before and behind a chunk in its block is put around it in the buffer, so that each
 * append is one write of whole pages. What remains behind the last whole page moves to the front of
 * the buffer and goes with the next.
 */
final class SegmentWriter implements AutoCloseable {
  /** Bytes of the buffer that a writer wants, which begins on a page. */
  static final int BUFFER = SegmentLayout.PAGE + SegmentLayout.CHUNK + SegmentLayout.PAGE;

  /** Bytes of a segment at most: its index must fit the buffer. */
  static final long MAX_SEGMENT =
      (long) (BUFFER - TableFormat.REST - 2 * SegmentLayout.PAGE)
          / TableFormat.INDEX_ENTRY
          * SegmentLayout.CHUNK;

  private final Path file;
  private final long blobId;
  private final long offset;
  private final BlockChecksum checksum;
  private final ByteBuffer buffer;
  private final ByteBuffer chunk;
  private final Set<OpenOption> options;
  private FileChannel channel;

  /** Bytes at the front of the buffer that are not in the file yet. */
  private int pending;

  private long written;
  private long length;

  /**
   * @param file does not exist yet
   * @param offset where the segment starts in the blob
   * @param checksum of its blocks
   * @param buffer {@link #BUFFER} bytes, direct, on a page; stays the caller's, who leaves it alone
   *     until the writer is closed
   * @param direct whether to write past the page cache, see {@link #isDirectPossible}
   */
  SegmentWriter(
      Path file,
      long blobId,
      long offset,
      BlockChecksum checksum,
      ByteBuffer buffer,
      boolean direct)
      throws BlobException {
    this.file = file;
    this.blobId = blobId;
    this.offset = offset;
    this.checksum = checksum;
    this.buffer = buffer;
    this.chunk = buffer.slice(SegmentLayout.PAGE, SegmentLayout.CHUNK);
    this.options =
        direct
            ? Set.of(StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)
            : Set.of(StandardOpenOption.WRITE);
    try {
      Files.createFile(file);
      channel = FileChannel.open(file, options);
    } catch (IOException e) {
      throw FileErrors.of("opening a segment file", e);
    }
  }

  /** How RocksDB reads such files: one chunk in each block, the page cache for a cache. */
  static BlockBasedTableConfig tableFormat() {
    return new BlockBasedTableConfig()
        .setNoBlockCache(true)
        .setBlockSize(4 << 10)
        .setFormatVersion(6);
  }

  /** The segment as far as it was appended. */
  Segment segment(long fileNumber) {
    return new Segment(offset, length, fileNumber);
  }

  /** Bytes that were appended. */
  long length() {
    return length;
  }

  Path file() {
    return file;
  }

  /** Where the next chunk is gathered; what is before its position is appended. */
  ByteBuffer chunk() {
    return chunk;
  }

  /**
   * Writes the chunk and empties it. One that is not full must be the last.
   *
   * @throws dev.layercache.server.blob.OutOfSpaceException if the disk is full
   */
  void append() throws BlobException {
    int bytes = chunk.position();
    int header = SegmentLayout.headerBytes(bytes);
    buffer.clear().position(pending);
    TableFormat.pad(buffer, SegmentLayout.PAGE - header);
    SegmentLayout.putHeader(buffer, blobId, offset + length, bytes);
    buffer.position(SegmentLayout.PAGE + bytes);
    // One restart point, at 0.
    TableFormat.putInt(buffer, 0);
    TableFormat.putInt(buffer, 1);
    TableFormat.putTrailer(buffer, SegmentLayout.PAGE - header, checksum);
    writePages();
    length += bytes;
    chunk.clear();
  }

  /** Completes the file, makes its bytes survive power loss, and closes it. */
  void finish() throws BlobException {
    buffer.clear().position(pending);
    TableFormat.putEnd(buffer, written, blobId, segment(0), checksum);
    writePages();
    try {
      uninterrupted(
          () -> {
            channel.force(true);
            return true;
          });
    } catch (IOException e) {
      throw FileErrors.of("finishing a segment file", e);
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // What must last was forced before.
    }
  }

  /** Writes whole pages of what is before the buffer's position, and keeps the rest. */
  private void writePages() throws BlobException {
    int end = buffer.position();
    int whole = end & -SegmentLayout.PAGE;
    buffer.flip().limit(whole);
    try {
      // Positions are given each time: a failed write that is tried again overwrites itself.
      int bytes = uninterrupted(() -> channel.write(buffer.position(0), written));
      if (bytes < whole) {
        throw new UnavailableException(
            "writing a segment file: %d bytes were taken (expected: %d)".formatted(bytes, whole));
      }
    } catch (BlobException e) {
      throw e;
    } catch (IOException e) {
      throw FileErrors.of("writing a segment file", e);
    }
    written += whole;
    pending = end - whole;
    buffer.clear().limit(end).position(whole);
    buffer.compact();
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  /** An interrupt closes the file in the middle of a call; the upload must stay resumable. */
  private <T> T uninterrupted(Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      try {
        channel = FileChannel.open(file, options);
        return call.run();
      } finally {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether files in {@code directory} can be written past the page cache, a page at a time. */
  static boolean isDirectPossible(Path directory) throws IOException {
    Path probe = directory.resolve("direct-io.probe");
    try (var file =
        FileChannel.open(
            probe,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE,
            ExtendedOpenOption.DIRECT)) {
      var page = ByteBuffer.allocateDirect(2 * SegmentLayout.PAGE).alignedSlice(SegmentLayout.PAGE);
      return file.write(page.limit(SegmentLayout.PAGE)) == SegmentLayout.PAGE;
    } catch (IOException | UnsupportedOperationException e) {
      // A file system without it, or with larger blocks.
      return false;
    } finally {
      Files.deleteIfExists(probe);
    }
  }
}

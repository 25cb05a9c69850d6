package dev.layercache.server.store;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.CorruptBlobException;
import dev.layercache.server.blob.FileRegion;
import dev.layercache.server.blob.OutOfRangeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;

/**
 * Reads a large blob chunk by chunk, by position where the segment's file is proven to have the
 * chunks there, by key otherwise. A whole chunk goes straight into the caller's buffer if that is
 * direct and has room; otherwise through a chunk buffer that the reader holds until it is closed.
 */
final class LargeBlobReader implements BlobReader {
  private final BlobInfo info;
  private final BlobRecord.Large blob;
  private final Context context;
  private final AtomicBoolean closed = new AtomicBoolean();

  private long offset;
  private final long end;
  private int segmentIndex;

  private @Nullable ByteBuffer chunk;
  private long chunkOffset = -1;

  /** Every segment file that was read or that a region was given out of: open until close. */
  private final Map<Long, SegmentFile> files = new HashMap<>();

  /** What all readers share. */
  record Context(
      Database database,
      ReadOptions readOptions,
      Path directory,
      Permits permits,
      DirectBuffers keys,
      OpenReaders readers,
      Damage damage) {}

  /** Is told of every blob that turned out to be damaged. */
  @FunctionalInterface
  interface Damage {
    CorruptBlobException report(BlobInfo info, long id, Exception cause);
  }

  /** The blob is entered in {@link OpenReaders} already, and left by {@link #close}. */
  LargeBlobReader(BlobInfo info, BlobRecord.Large blob, ByteRange range, Context context)
      throws OutOfRangeException {
    this.info = info;
    this.blob = blob;
    this.context = context;
    this.end = range.offset() + range.lengthIn(blob.size());
    this.offset = range.offset();
  }

  @Override
  public BlobInfo info() {
    return info;
  }

  @Override
  public long remaining() {
    return end - offset;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    requireOpen();
    if (offset == end) {
      return -1;
    }
    int before = target.remaining();
    if (before == 0) {
      return 0;
    }
    try (var permit = context.permits.acquire()) {
      while (target.hasRemaining() && offset < end) {
        readSome(target);
      }
    }
    return before - target.remaining();
  }

  @Override
  public Optional<FileRegion> nextRegion(long most) throws IOException {
    requireOpen();
    if (offset == end) {
      return Optional.empty();
    }
    var segment = segment();
    if (segment.file() < 0) {
      return Optional.empty();
    }
    var file = file(segment);
    if (!file.isProven()) {
      return Optional.empty();
    }
    long inSegment = offset - segment.offset();
    long start = chunkStart(inSegment);
    int length = SegmentLayout.chunkLength(segment.length(), start);
    long bytes = Math.min(Math.min(most, start + length - inSegment), end - offset);
    long position = SegmentLayout.position(start) + inSegment - start;
    var region = new FileRegion(file.channel(), position, bytes);
    offset += bytes;
    return Optional.of(region);
  }

  @Override
  public boolean isOpen() {
    return !closed.get();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      context.readers.leave(blob.id());
      closeFiles();
    }
  }

  private void readSome(ByteBuffer target) throws IOException {
    var segment = segment();
    long inSegment = offset - segment.offset();
    long start = chunkStart(inSegment);
    int length = SegmentLayout.chunkLength(segment.length(), start);
    long chunkAt = segment.offset() + start;
    int skip = (int) (inSegment - start);
    int bytes = (int) Math.min(Math.min(length - skip, end - offset), target.remaining());
    if (bytes == length && target.isDirect() && chunkOffset != chunkAt) {
      fetch(segment, start, target.slice(target.position(), length));
    } else {
      target.put(target.position(), holdChunk(segment, start, length), skip, bytes);
    }
    target.position(target.position() + bytes);
    offset += bytes;
  }

  private ByteBuffer holdChunk(Segment segment, long start, int length) throws IOException {
    long chunkAt = segment.offset() + start;
    // Not a pooled buffer: close may come from another thread while this one still reads.
    var held = chunk == null ? ByteBuffer.allocateDirect(SegmentLayout.CHUNK) : chunk;
    if (chunkOffset != chunkAt) {
      chunkOffset = -1;
      fetch(segment, start, held.slice(0, length));
      chunk = held;
      chunkOffset = chunkAt;
    }
    return held;
  }

  /** Fills {@code window}, which has room for exactly the chunk, with what was checked. */
  private void fetch(Segment segment, long start, ByteBuffer window) throws IOException {
    long chunkAt = segment.offset() + start;
    if (segment.file() < 0 || !file(segment).isProven()) {
      get(chunkAt, window);
    } else if (!file(segment).read(start, window)) {
      throw damaged("checksum mismatch in the chunk at %d", chunkAt);
    }
  }

  private void get(long chunkAt, ByteBuffer window) throws IOException {
    int length = window.remaining();
    var key = context.keys.take();
    try {
      BlobKeys.chunk(key, blob.id(), chunkAt);
      int found =
          context
              .database
              .rocks()
              .get(context.database.chunks(blob.id()), context.readOptions, key, window);
      if (found != length) {
        throw damaged("chunk at %d has %d bytes (expected: %d)", chunkAt, found, length);
      }
    } catch (RocksDBException e) {
      throw RocksErrors.isCorruption(e)
          ? context.damage.report(info, blob.id(), e)
          : RocksErrors.of("reading blob " + info.digest(), e);
    } finally {
      context.keys.give(key);
    }
  }

  private CorruptBlobException damaged(String message, Object... values) {
    return context.damage.report(info, blob.id(), new IOException(message.formatted(values)));
  }

  private Segment segment() {
    while (offset >= blob.segments().get(segmentIndex).end()) {
      segmentIndex++;
    }
    return blob.segments().get(segmentIndex);
  }

  private static long chunkStart(long inSegment) {
    return inSegment / SegmentLayout.CHUNK * SegmentLayout.CHUNK;
  }

  private SegmentFile file(Segment segment) throws IOException {
    synchronized (files) {
      requireOpen();
      var file = files.get(segment.file());
      if (file == null) {
        var path = context.directory.resolve("%06d.sst".formatted(segment.file()));
        file = SegmentFile.open(path, segment, blob.id());
        files.put(segment.file(), file);
      }
      return file;
    }
  }

  private void closeFiles() {
    synchronized (files) {
      for (var file : files.values()) {
        try {
          file.close();
        } catch (IOException e) {
          // Opened for reading: nothing is lost.
        }
      }
    }
  }

  private void requireOpen() throws ClosedChannelException {
    if (closed.get()) {
      throw new ClosedChannelException();
    }
  }
}

package dev.layercache.server.store;

import dev.layercache.server.blob.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a large upload: finished segments in {@code staging/}, and at most one that is being
 * written. Bytes are written and hashed a chunk at a time. {@link #park} finishes the segment and
 * lets go of its file and buffer; the next byte begins another. Not thread-safe: {@link
 * StagedUpload} locks around it.
 */
final class SegmentedUpload {
  private final UploadId id;
  private final long blobId;
  private final Context context;
  private final UploadHash hash;
  private final BlockChecksum checksum;
  private final List<Segment> finished = new ArrayList<>();

  private @Nullable SegmentWriter writer;
  private @Nullable ByteBuffer buffer;

  private long newestChunk;

  /**
   * How segments are written.
   *
   * @param buffers for {@link SegmentWriter}s
   * @param direct whether past the page cache
   * @param segmentBytes a new segment begins after this many bytes
   */
  record Settings(DirectBuffers buffers, boolean direct, long segmentBytes) {}

  /** What all uploads share. */
  record Context(
      Permits permits,
      Settings settings,
      WriterSlots slots,
      SpaceGuard space,
      UploadJournal journal) {}

  /**
   * @param checksum of the blocks of its files
   */
  SegmentedUpload(
      UploadId id, long blobId, Context context, UploadHash hash, BlockChecksum checksum) {
    this.id = id;
    this.blobId = blobId;
    this.context = context;
    this.hash = hash;
    this.checksum = checksum;
  }

  /**
   * An upload from before a restart. Reads its segments once, since the state of a hash cannot be
   * saved.
   */
  static SegmentedUpload restore(UploadJournal.Entry entry, Context context, UploadHash hash)
      throws IOException {
    var checksum = BlockChecksum.forSize(OptionalLong.empty());
    var upload = new SegmentedUpload(entry.id(), entry.blobId(), context, hash, checksum);
    upload.finished.addAll(entry.segments());
    upload.newestChunk = upload.position();
    upload.rehash(hash);
    return upload;
  }

  long blobId() {
    return blobId;
  }

  long position() {
    long written = finished.isEmpty() ? 0 : finished.getLast().end();
    return written + (writer == null ? 0 : writer.length() + writer.chunk().position());
  }

  /** Bytes that a follower may see: all but the newest chunk. */
  long followable() {
    return newestChunk;
  }

  boolean holdsWriter() {
    return writer != null;
  }

  /** Appends all remaining bytes. */
  void append(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      var room = roomForBytes();
      int length = Math.min(room.remaining(), source.remaining());
      room.put(source.slice(source.position(), length));
      source.position(source.position() + length);
    }
  }

  /** Finishes the current segment and lets go of everything native. Durable when this returns. */
  void park(Instant now) throws IOException {
    if (writer != null) {
      finishSegment(writer);
      saveJournal(now);
    }
  }

  /** Finishes the last segment; the upload takes no more bytes. */
  List<Segment> complete() throws IOException {
    if (writer != null) {
      finishSegment(writer);
    }
    return List.copyOf(finished);
  }

  /** The staged files, in the order of the segments. */
  List<Path> files() {
    return finished.stream().map(segment -> context.journal.file(blobId, segment.file())).toList();
  }

  /** Lets go of everything native and removes the files. */
  void discard() throws IOException {
    abandonUnfinished();
    for (Path file : files()) {
      Files.deleteIfExists(file);
    }
  }

  /** Lets go of everything native, keeping only what was finished before. */
  void abandonUnfinished() throws IOException {
    if (writer != null) {
      Path unfinished = writer.file();
      releaseWriter();
      Files.deleteIfExists(unfinished);
    }
  }

  /** Computes another hash over all bytes; complete uploads only. */
  void rehash(UploadHash other) throws IOException {
    var buffer = context.settings.buffers.take();
    try {
      for (var segment : finished) {
        try (var file =
            FileChannel.open(
                context.journal.file(blobId, segment.file()), StandardOpenOption.READ)) {
          if (!SegmentLayout.isProven(file, segment, blobId)) {
            throw new IOException("staged segment of upload %s is damaged".formatted(id));
          }
          for (long at = 0; at < segment.length(); at += SegmentLayout.CHUNK) {
            rehashChunk(file, segment, at, buffer, other);
          }
        }
      }
    } finally {
      context.settings.buffers.give(buffer);
    }
  }

  private void rehashChunk(
      FileChannel file, Segment segment, long at, ByteBuffer buffer, UploadHash other)
      throws IOException {
    try (var permit = context.permits.acquire()) {
      buffer.clear().limit(SegmentLayout.chunkLength(segment.length(), at));
      long position = SegmentLayout.position(at);
      while (buffer.hasRemaining()) {
        if (file.read(buffer, position + buffer.position()) < 0) {
          throw new IOException("staged segment of upload %s is truncated".formatted(id));
        }
      }
      other.update(buffer.flip());
    }
  }

  /** Where a follower finds the byte at {@code offset}, which is below {@link #followable}. */
  Place locate(long offset) {
    for (var segment : finished) {
      if (offset < segment.end()) {
        return new Place(context.journal.file(blobId, segment.file()), segment);
      }
    }
    var open = Optional.ofNullable(writer).orElseThrow();
    return new Place(open.file(), open.segment(finished.size()));
  }

  /**
   * Where bytes of an unfinished upload are.
   *
   * @param file in {@code staging/}
   * @param segment what is in it; it may still grow
   */
  record Place(Path file, Segment segment) {}

  private ByteBuffer roomForBytes() throws IOException {
    var current = writer == null ? openSegment() : writer;
    if (!current.chunk().hasRemaining()) {
      appendChunk(current);
      if (current.length() >= context.settings.segmentBytes) {
        finishWriter(current);
        saveJournal(Instant.now());
        current = openSegment();
      }
    }
    if (current.chunk().position() == 0) {
      newestChunk = position();
    }
    return current.chunk();
  }

  private SegmentWriter openSegment() throws IOException {
    var file = context.journal.file(blobId, finished.size());
    long offset = position();
    context.slots.acquire();
    var room = context.settings.buffers.take();
    try {
      writer = new SegmentWriter(file, blobId, offset, checksum, room, context.settings.direct);
      buffer = room;
      return writer;
    } finally {
      if (writer == null) {
        context.settings.buffers.give(room);
        context.slots.release();
      }
    }
  }

  private void appendChunk(SegmentWriter current) throws IOException {
    var bytes = current.chunk().duplicate().flip();
    try (var room = context.space.take(SegmentLayout.PAGE + bytes.remaining());
        var permit = context.permits.acquire()) {
      current.append();
      // After the write: one that failed may be tried again.
      hash.update(bytes);
    }
  }

  private void finishSegment(SegmentWriter current) throws IOException {
    if (current.chunk().position() > 0) {
      appendChunk(current);
    }
    finishWriter(current);
  }

  private void finishWriter(SegmentWriter current) throws IOException {
    if (current.length() == 0) {
      abandonUnfinished();
      return;
    }
    try (var permit = context.permits.acquire()) {
      current.finish();
    }
    var segment = current.segment(finished.size());
    releaseWriter();
    finished.add(segment);
  }

  private void saveJournal(Instant now) throws IOException {
    context.journal.save(List.of(new UploadJournal.Entry(id, blobId, now, List.copyOf(finished))));
  }

  private void releaseWriter() {
    if (writer != null) {
      writer.close();
      writer = null;
      context.slots.release();
    }
    if (buffer != null) {
      context.settings.buffers.give(buffer);
      buffer = null;
    }
  }
}

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
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a large upload: finished segments in {@code staging/}, and at most one that is being
 * written. Bytes are hashed and written a chunk at a time. {@link #park} finishes the segment and
 * lets go of every native object; the next byte begins another. Not thread-safe: {@link
 * StagedUpload} locks around it.
 */
final class SegmentedUpload {
  private final UploadId id;
  private final long blobId;
  private final Context context;
  private final UploadHash hash;
  private final List<Segment> finished = new ArrayList<>();

  private @Nullable SegmentWriter writer;
  private @Nullable ByteBuffer tail;

  /**
   * The chunk before the tail: RocksDB holds it back until the next one comes, followers must not.
   */
  private @Nullable ByteBuffer previous;

  private long newestChunk;

  /** What all uploads share. */
  record Context(
      Permits permits,
      DirectBuffers buffers,
      WriterSlots slots,
      SpaceGuard space,
      UploadJournal journal,
      long segmentBytes) {}

  SegmentedUpload(UploadId id, long blobId, Context context, UploadHash hash) {
    this.id = id;
    this.blobId = blobId;
    this.context = context;
    this.hash = hash;
  }

  /**
   * An upload from before a restart. Reads its segments once, since the state of a hash cannot be
   * saved.
   */
  static SegmentedUpload restore(UploadJournal.Entry entry, Context context, UploadHash hash)
      throws IOException {
    var upload = new SegmentedUpload(entry.id(), entry.blobId(), context, hash);
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
    return written + (writer == null ? 0 : writer.length()) + (tail == null ? 0 : tail.position());
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
      finishSegment();
      saveJournal(now);
    }
  }

  /** Finishes the last segment; the upload takes no more bytes. */
  List<Segment> complete() throws IOException {
    if (writer != null) {
      finishSegment();
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
    var buffer = context.buffers.take();
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
      context.buffers.give(buffer);
    }
  }

  private void rehashChunk(
      FileChannel file, Segment segment, long at, ByteBuffer buffer, UploadHash other)
      throws IOException {
    try (var permit = context.permits.acquire()) {
      buffer.clear().limit(SegmentLayout.chunkLength(segment.length(), at));
      long position = SegmentLayout.position(segment, at);
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
        return new Place.InFile(context.journal.file(blobId, segment.file()), segment);
      }
    }
    var open = Optional.ofNullable(writer).orElseThrow();
    var segment = open.segment(finished.size());
    long lastChunk =
        segment.offset() + (segment.length() - 1) / SegmentLayout.CHUNK * SegmentLayout.CHUNK;
    if (offset < lastChunk) {
      return new Place.InFile(open.file(), segment);
    }
    var bytes = Optional.ofNullable(previous).orElseThrow().duplicate().flip();
    return new Place.InMemory(bytes.position((int) (offset - lastChunk)));
  }

  /** Where bytes of an unfinished upload are. */
  sealed interface Place {
    /** In a staged file; the segment may still grow. */
    record InFile(Path file, Segment segment) implements Place {}

    /** In memory, valid only while the upload is locked. */
    record InMemory(ByteBuffer bytes) implements Place {}
  }

  private ByteBuffer roomForBytes() throws IOException {
    if (writer == null) {
      openSegment();
    }
    var current = Optional.ofNullable(tail).orElseThrow();
    if (!current.hasRemaining()) {
      current = nextChunk(current);
    }
    if (current.position() == 0) {
      newestChunk = position();
    }
    return current;
  }

  private void openSegment() throws IOException {
    long offset = position();
    context.slots.acquire();
    try {
      writer = new SegmentWriter(context.journal.file(blobId, finished.size()), blobId, offset);
      tail = context.buffers.take();
    } finally {
      if (writer == null) {
        context.slots.release();
      }
    }
  }

  /** Writes the full tail and gives an empty one. */
  private ByteBuffer nextChunk(ByteBuffer full) throws IOException {
    writeChunk(full);
    if (Optional.ofNullable(writer).orElseThrow().length() >= context.segmentBytes) {
      finishWriter();
      saveJournal(Instant.now());
      openSegment();
      return Optional.ofNullable(tail).orElseThrow();
    }
    var empty = previous == null ? context.buffers.take() : previous.clear();
    previous = full;
    tail = empty;
    return empty;
  }

  private void writeChunk(ByteBuffer chunk) throws IOException {
    context.space.take(chunk.position());
    try (var permit = context.permits.acquire()) {
      var bytes = chunk.duplicate().flip();
      hash.update(bytes);
      Optional.ofNullable(writer).orElseThrow().append(bytes);
    }
  }

  private void finishSegment() throws IOException {
    var last = Optional.ofNullable(tail).orElseThrow();
    if (last.position() > 0) {
      writeChunk(last);
      // It is written now, and must not be counted twice.
      last.clear();
    }
    finishWriter();
  }

  private void finishWriter() throws IOException {
    var current = Optional.ofNullable(writer).orElseThrow();
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
    if (tail != null) {
      context.buffers.give(tail);
      tail = null;
    }
    if (previous != null) {
      context.buffers.give(previous);
      previous = null;
    }
  }
}

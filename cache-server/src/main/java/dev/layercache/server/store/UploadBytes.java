package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.store.StagedUpload.FollowerStep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an unfinished upload: on the heap while they are few, in segments once they are not,
 * or on disk and unread since before a restart. Not thread-safe: {@link StagedUpload} locks around
 * it.
 */
final class UploadBytes {
  /**
   * An upload that is announced as large begins its file with this many bytes or more: below it, a
   * writer costs more than the copy that it saves, and one that drips would take it from others.
   */
  private static final int FILE_BEGINS = 64 << 10;

  private final UploadId id;
  private final UploadHint hint;
  private final Uploads owner;
  private final UploadHash hash;
  private final HeapBytes heap;
  private final boolean journaled;
  private @Nullable SegmentedUpload segments;
  private UploadJournal.@Nullable Entry unread;

  UploadBytes(UploadId id, UploadHint hint, Uploads owner) {
    this(id, hint, owner, null);
  }

  /** Those of an upload from before a restart. */
  UploadBytes(UploadJournal.Entry entry, Uploads owner) {
    this(entry.id(), UploadHint.NONE, owner, entry);
  }

  private UploadBytes(
      UploadId id, UploadHint hint, Uploads owner, UploadJournal.@Nullable Entry unread) {
    this.id = id;
    this.hint = hint;
    this.owner = owner;
    this.hash = new UploadHash(hint.digest());
    this.heap = new HeapBytes(owner.heapBudget());
    this.journaled = unread != null;
    this.unread = unread;
  }

  /** How many were taken. */
  long taken() {
    if (unread != null) {
      return unread.segments().isEmpty() ? 0 : unread.segments().getLast().end();
    }
    return segments != null ? segments.position() : heap.length();
  }

  /** Reads what was there before a restart; nothing can be appended before. */
  void readAgain() throws IOException {
    if (unread != null && !unread.segments().isEmpty()) {
      segments = SegmentedUpload.restore(unread, owner.segmentContext(), hash);
    }
    unread = null;
  }

  void append(ByteBuffer source) throws IOException {
    if (segments == null
        && (isFileDue(source.remaining()) || !heap.append(source, owner.smallBlobBytes()))) {
      spill();
    }
    if (segments != null) {
      segments.append(source);
    }
  }

  private boolean isFileDue(int added) {
    return hint.size().isPresent()
        && hint.size().getAsLong() > owner.smallBlobBytes()
        && heap.length() + added >= FILE_BEGINS;
  }

  private void spill() throws IOException {
    var checksum = BlockChecksum.forSize(hint.size());
    var large = new SegmentedUpload(id, owner.takeBlobId(), owner.segmentContext(), hash, checksum);
    // The heap keeps its bytes until they are in a chunk: there may be no writer now.
    large.append(heap.view());
    heap.clear();
    segments = large;
  }

  /** Whether it has a native writer, which {@link #park} lets go of. */
  boolean holdsWriter() {
    return segments != null && segments.holdsWriter();
  }

  void park(Instant now) throws IOException {
    if (segments != null) {
      segments.park(now);
    }
  }

  /** Ends the bytes, once, and tells their digests, that of the expected one's algorithm too. */
  UploadHash.Digests complete(Digest expected) throws IOException {
    if (segments != null) {
      segments.complete();
    } else {
      hash.update(heap.view());
    }
    if (hash.knows(expected.algorithm())) {
      return hash.finish();
    }
    var both = new UploadHash(Optional.of(expected));
    if (segments != null) {
      segments.rehash(both);
    } else {
      both.update(heap.view());
    }
    return both.finish();
  }

  /** Makes a blob of the completed bytes. */
  void publish(UploadHash.Digests digests) throws IOException {
    if (segments != null) {
      owner.publishLarge(id, segments, digests, taken());
    } else {
      owner.publishSmall(heap.copy(), digests, journaled ? Optional.of(id) : Optional.empty());
    }
  }

  /** What the journal needs to resume it. */
  UploadJournal.Entry suspend(Instant updated) throws IOException {
    if (unread != null) {
      return unread;
    }
    if (segments == null && heap.length() > 0) {
      spill();
    }
    return segments == null
        ? new UploadJournal.Entry(id, 0, updated, List.of())
        : new UploadJournal.Entry(id, segments.blobId(), updated, segments.complete());
  }

  /** How many can be read by followers. */
  long followable() {
    if (unread != null) {
      return 0;
    }
    if (segments != null) {
      return segments.followable();
    }
    return heap.length() == 0
        ? 0
        : (heap.length() - 1L) / SegmentLayout.CHUNK * SegmentLayout.CHUNK;
  }

  /** Followable bytes at an offset: copied, or where they are. */
  FollowerStep read(long offset, ByteBuffer target) {
    if (segments != null) {
      return new FollowerStep.ReadFile(segments.locate(offset), followable());
    }
    int length = (int) Math.min(target.remaining(), followable() - offset);
    target.put(heap.view().slice((int) offset, length));
    return new FollowerStep.Copied(length);
  }

  /** Whether the journal may have an entry of it. */
  boolean mayBeJournaled() {
    return journaled || segments != null;
  }

  /** Lets go of everything; files that became part of the store stay. */
  void discard() throws IOException {
    heap.clear();
    var large = segments;
    var left = unread;
    segments = null;
    unread = null;
    if (large != null) {
      large.discard();
    } else if (left != null) {
      owner.segmentContext().journal().deleteFiles(left);
    }
  }
}

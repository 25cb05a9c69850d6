package dev.layercache.server.fill;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadHint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Copies one blob from one origin into the store, going on where the bytes end that are there
 * already: of a broken stream, of another origin, or of the process before this one. Not
 * thread-safe, except {@link #stop}.
 */
final class OriginCopy implements AutoCloseable {
  /** A chunk of the store: followers see whole ones only, so shorter writes gain nothing. */
  private static final int BUFFER_BYTES = 256 << 10;

  /** A stream that brought this much before it broke is worth all tries again. */
  private static final long PROGRESS_BYTES = 1 << 20;

  /** Somebody waits for the first byte and may have other places to ask. */
  private static final int TRIES_BEFORE_BYTES = 2;

  /** With the pauses between them 4 to 7 seconds: a restart of the origin. */
  private static final int TRIES = 8;

  private static final int MAX_BACKOFFS = 20;

  private final Fill fill;
  private final BlobOrigin origin;
  private final BlobStore store;
  private final FillCounters counters;
  private final Duration backoff;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

  private @Nullable BlobUpload upload;
  private boolean continued;
  private boolean flowing;
  private long size = -1;
  private volatile @Nullable OriginStream stream;

  OriginCopy(
      Fill fill, BlobOrigin origin, BlobStore store, FillCounters counters, Duration backoff) {
    this.fill = fill;
    this.origin = origin;
    this.store = store;
    this.counters = counters;
    this.backoff = backoff;
  }

  /**
   * Copies until the blob is stored or the origin cannot give it.
   *
   * @throws IOException if the store failed; other origins would not help
   */
  FillOutcome run() throws IOException {
    int failed = 0;
    while (true) {
      long before = position();
      try {
        return attempt();
      } catch (BrokenOriginException | UnavailableException e) {
        // An origin that is away at the start fails at once; one that restarts in the middle is
        // worth a few seconds of those who have read half of the blob.
        if (e instanceof UnavailableException && !flowing) {
          throw e;
        }
        failed = position() - before >= PROGRESS_BYTES ? 1 : failed + 1;
        if (failed >= (upload == null ? TRIES_BEFORE_BYTES : TRIES)) {
          return new FillOutcome.Failed(givenUp(failed, e));
        }
        counters.resumed.increment();
        fill.pause(pauseAfter(failed));
      } catch (WrongBytesException e) {
        counters.wrongBytes.increment();
        return new FillOutcome.Failed(
            new UnavailableException(
                "%s gave wrong bytes for %s: %s"
                    .formatted(origin.name(), digest(), e.getMessage())));
      }
    }
  }

  /** Makes a read that waits for the origin end. */
  void stop() {
    var reading = stream;
    if (reading != null) {
      reading.close();
    }
  }

  /** Leaves what came so far for a later fill to go on with. */
  @Override
  public void close() {
    if (upload != null) {
      upload.close();
    }
  }

  private FillOutcome attempt() throws IOException {
    if (fill.isAbandoned()) {
      return abandoned();
    }
    if (upload == null && !takeUpKeptBytes()) {
      return new FillOutcome.Absent();
    }
    if (upload != null && position() == size) {
      return commit(upload);
    }
    var opened = openOrigin();
    if (opened.isEmpty()) {
      return new FillOutcome.Absent();
    }
    try (var from = opened.get()) {
      stream = from;
      var target = uploadFor(from);
      if (!pump(from, target)) {
        return abandoned();
      }
      return commit(target);
    } finally {
      stream = null;
    }
  }

  /**
   * Continues what an earlier fill left, if that can be part of what the origin has.
   *
   * @return false when the origin does not have the blob
   */
  private boolean takeUpKeptBytes() throws IOException {
    var kept = store.resume(fill.uploadId());
    if (kept.isEmpty()) {
      return true;
    }
    var there = kept.get().position() == 0 ? OptionalLong.of(-1) : sizeAtOrigin();
    if (there.isEmpty()) {
      kept.get().close();
      return false;
    }
    if (there.getAsLong() < kept.get().position()) {
      kept.get().abort();
      return true;
    }
    continued = true;
    size = there.getAsLong();
    upload = kept.get();
    fill.flows(size, position());
    return true;
  }

  private OptionalLong sizeAtOrigin() throws IOException {
    try {
      return origin.size(digest());
    } catch (UnavailableException e) {
      throw e;
    } catch (IOException e) {
      throw new BrokenOriginException(e);
    }
  }

  private Optional<OriginStream> openOrigin() throws IOException {
    try {
      return origin.open(digest(), position());
    } catch (UnavailableException e) {
      throw e;
    } catch (IOException e) {
      throw new BrokenOriginException(e);
    }
  }

  /** The upload that takes what {@code from} gives; begins it when it is the first stream. */
  private BlobUpload uploadFor(OriginStream from) throws IOException {
    if (size >= 0 && from.size() >= 0 && from.size() != size) {
      throw new WrongBytesException(
          "it says that the blob has %d bytes (expected: %d)".formatted(from.size(), size));
    }
    size = Math.max(size, from.size());
    if (upload == null) {
      var length = size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
      upload =
          store.begin(new UploadHint(Optional.of(fill.uploadId()), Optional.of(digest()), length));
    }
    fill.flows(size, position());
    return upload;
  }

  /** Whether the end was reached; false when nobody wants it any more. */
  private boolean pump(OriginStream from, BlobUpload target) throws IOException {
    flowing = true;
    skip(from, target.position());
    while (size < 0 || target.position() < size) {
      if (fill.isAbandoned()) {
        return false;
      }
      buffer.clear();
      if (size >= 0) {
        buffer.limit((int) Math.min(buffer.capacity(), size - target.position()));
      }
      var end = receive(from);
      if (buffer.flip().hasRemaining()) {
        target.write(buffer);
        fill.moved(target.position());
      }
      if (end.isPresent()) {
        endOfStream(end.get(), target.position());
        return true;
      }
    }
    return true;
  }

  /** How a stream ended. */
  private record End(Optional<IOException> broken) {}

  /** Fills the buffer; the end of the stream, if it came first, is told and not thrown. */
  private Optional<End> receive(OriginStream from) {
    try {
      while (buffer.hasRemaining()) {
        int length = from.read(buffer);
        if (length < 0) {
          return Optional.of(new End(Optional.empty()));
        }
        counters.bytesFilled.add(length);
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(new End(Optional.of(e)));
    }
  }

  private void endOfStream(End end, long position) throws BrokenOriginException {
    if (end.broken().isPresent()) {
      throw new BrokenOriginException(end.broken().get());
    }
    if (size >= 0 && position < size) {
      throw new BrokenOriginException(
          "the bytes end at %d (expected: %d)".formatted(position, size));
    }
  }

  /** Passes over what is there already, when the origin can only start at the first byte. */
  private void skip(OriginStream from, long position) throws BrokenOriginException {
    if (from.offset() != 0 && from.offset() != position) {
      throw new BrokenOriginException(
          "the bytes start at %d (expected: %d)".formatted(from.offset(), position));
    }
    long left = position - from.offset();
    while (left > 0) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), left));
      var end = receive(from);
      left -= buffer.position();
      if (end.isPresent()) {
        throw new BrokenOriginException(
            end.get()
                .broken()
                .orElseGet(() -> new IOException("the bytes end before %d".formatted(position))));
      }
    }
  }

  private FillOutcome commit(BlobUpload target) throws IOException {
    try {
      return new FillOutcome.Stored(target.commit(digest()));
    } catch (DigestMismatchException e) {
      throw new WrongBytesException(
          e.getMessage() + (continued ? "; a part came from an earlier fill" : ""));
    }
  }

  private FillOutcome abandoned() {
    return new FillOutcome.Failed(
        new UnavailableException(
            "filling %s from %s was stopped: nobody wants it, or the server is stopping"
                .formatted(digest(), origin.name())));
  }

  private UnavailableException givenUp(int tries, IOException last) {
    return new UnavailableException(
        "%s could not be had from %s, given up after %d tries: %s"
            .formatted(digest(), origin.name(), tries, last.getMessage()),
        last);
  }

  /** Half of it by chance, so that fills which broke together do not come back together. */
  private Duration pauseAfter(int failed) {
    long most = backoff.toMillis() * Math.min(MAX_BACKOFFS, 1L << (failed - 1));
    return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
  }

  private Digest digest() {
    return fill.digest();
  }

  private long position() {
    return upload == null ? 0 : upload.position();
  }
}

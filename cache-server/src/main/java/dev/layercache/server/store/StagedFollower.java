package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobFollower;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadGoneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Follows a {@link StagedUpload}: from its files and memory while it is written, from the store
 * once it is committed.
 */
final class StagedFollower implements BlobFollower {
  private final StagedUpload upload;
  private final BlobSource store;
  private final Permits permits;
  private final Duration patience;

  private long offset;
  private @Nullable Path filePath;
  private @Nullable FileChannel file;
  private @Nullable BlobReader stored;
  private volatile boolean open = true;

  StagedFollower(
      StagedUpload upload, BlobSource store, Permits permits, long offset, Duration patience) {
    this.upload = upload;
    this.store = store;
    this.permits = permits;
    this.offset = offset;
    this.patience = patience;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    int length = stored != null ? stored.read(target) : readStaged(target);
    offset += Math.max(0, length);
    return length;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    if (stored != null) {
      stored.close();
    }
    closeFile();
  }

  private int readStaged(ByteBuffer target) throws IOException {
    // Once more when the upload was committed between looking and reading: its files have moved
    // then.
    for (int attempt = 0; attempt < 2; attempt++) {
      switch (upload.follow(offset, target, patience)) {
        case StagedUpload.FollowerStep.Copied copied -> {
          return copied.bytes();
        }
        case StagedUpload.FollowerStep.ReadFile found -> {
          int length = readFile(found, target);
          if (length > 0) {
            return length;
          }
        }
        case StagedUpload.FollowerStep.Stored found -> {
          return readStored(found.digest(), target);
        }
        case StagedUpload.FollowerStep.Aborted aborted ->
            throw new UploadGoneException(upload.id(), "was aborted");
        case StagedUpload.FollowerStep.TimedOut timedOut ->
            throw new UnavailableException(
                "upload %s brought no byte behind %d for %d ms"
                    .formatted(upload.id(), offset, patience.toMillis()));
      }
    }
    throw new UnavailableException(
        "staged bytes of upload %s could not be read".formatted(upload.id()));
  }

  /** Reads within one chunk; 0 when the file is not there any more. */
  private int readFile(StagedUpload.FollowerStep.ReadFile found, ByteBuffer target)
      throws IOException {
    var segment = found.place().segment();
    long inSegment = offset - segment.offset();
    long chunk = inSegment / SegmentLayout.CHUNK * SegmentLayout.CHUNK;
    int chunkLength = SegmentLayout.chunkLength(segment.length(), chunk);
    long readable = Math.min(chunk + chunkLength - inSegment, found.limit() - offset);
    int length = (int) Math.min(target.remaining(), readable);
    var window = target.slice(target.position(), length);
    long position = SegmentLayout.position(chunk) + (inSegment - chunk);
    try (var permit = permits.acquire()) {
      var channel = channel(found.place().file());
      while (window.hasRemaining()) {
        if (channel.read(window, position + window.position()) < 0) {
          throw new IOException(
              "staged file of upload %s is shorter than expected".formatted(upload.id()));
        }
      }
    } catch (NoSuchFileException e) {
      return 0;
    }
    target.position(target.position() + length);
    return length;
  }

  private int readStored(Digest digest, ByteBuffer target) throws IOException {
    closeFile();
    var reader =
        store
            .open(digest, ByteRange.from(offset))
            .orElseThrow(() -> new UploadGoneException(upload.id(), "was committed and deleted"));
    stored = reader;
    return reader.read(target);
  }

  private FileChannel channel(Path path) throws IOException {
    if (file == null || !path.equals(filePath)) {
      closeFile();
      file = FileChannel.open(path, StandardOpenOption.READ);
      filePath = path;
    }
    return file;
  }

  private void closeFile() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        // Opened for reading: nothing is lost.
      }
      file = null;
    }
  }
}

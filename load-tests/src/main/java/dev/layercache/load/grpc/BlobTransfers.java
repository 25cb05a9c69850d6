package dev.layercache.load.grpc;

import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.ReadRequest;
import dev.layercache.load.data.Blob;
import dev.layercache.load.measure.Load;
import dev.layercache.load.parallel.Workers;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import io.grpc.Channel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Whole blobs over {@code ByteStream}, each worker on its own connection. */
public final class BlobTransfers {
  private final Channels channels;

  public BlobTransfers(Channels channels) {
    this.channels = channels;
  }

  /** Uploads every blob, as many at once as there are connections. */
  public Load upload(List<Blob> blobs) throws IOException, InterruptedException {
    return run(blobs, Upload::start);
  }

  /** Downloads every blob, as many at once as there are connections. */
  public Load download(List<Blob> blobs) throws IOException, InterruptedException {
    return run(blobs, Download::start);
  }

  /** How one blob is moved; the future is the number of bytes. */
  private interface Transfer {
    CompletableFuture<Long> start(Channel channel, Blob blob);
  }

  private Load run(List<Blob> blobs, Transfer transfer) throws IOException, InterruptedException {
    long before = channels.socketBytes();
    var load = Workers.run(channels.count(), blobs, (worker, blob) -> move(transfer, worker, blob));
    return load.withSocketBytes(channels.socketBytes() - before);
  }

  /** Uploads one blob over the connection with this number. */
  public long upload(int connection, Blob blob) throws IOException, InterruptedException {
    return move(Upload::start, connection, blob);
  }

  /** Downloads one blob over the connection with this number. */
  public long download(int connection, Blob blob) throws IOException, InterruptedException {
    return move(Download::start, connection, blob);
  }

  private long move(Transfer transfer, int connection, Blob blob)
      throws IOException, InterruptedException {
    long moved = await(transfer.start(channels.get(connection), blob));
    if (moved != blob.size()) {
      throw new IOException(
          "%d bytes of %s (expected: %d)".formatted(moved, blob.digest(), blob.size()));
    }
    return moved;
  }

  /** Downloads one blob and compares its digest, outside any measurement. */
  public void verify(Blob blob) throws IOException {
    var hash = DigestAlgorithm.SHA256.newHash();
    var request =
        ReadRequest.newBuilder()
            .setResourceName("blobs/%s/%d".formatted(blob.digest().hex(), blob.size()))
            .build();
    ByteStreamGrpc.newBlockingStub(channels.get(0))
        .read(request)
        .forEachRemaining(part -> hash.update(part.getData().asReadOnlyByteBuffer()));
    var received = Digest.of(DigestAlgorithm.SHA256, hash);
    if (!received.equals(blob.digest())) {
      throw new IOException("received %s (expected: %s)".formatted(received, blob.digest()));
    }
  }

  private static long await(CompletableFuture<Long> future)
      throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IOException("a transfer failed: " + e.getCause(), e);
    }
  }
}

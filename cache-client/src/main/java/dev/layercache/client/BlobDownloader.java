package dev.layercache.client;

import com.google.bytestream.ReadRequest;
import com.google.bytestream.ReadResponse;
import com.google.protobuf.ByteString;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.client.image.PartialBlob;
import dev.layercache.oci.Descriptor;
import dev.layercache.transport.Received;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Receives blobs. Thread-safe. */
final class BlobDownloader {
  private final Connection connection;
  private final ContentAddressableStorage storage;

  BlobDownloader(Connection connection, ContentAddressableStorage storage) {
    this.connection = connection;
    this.storage = storage;
  }

  /** Most bytes of a batch for {@link #read}. */
  long maxBatchBytes() {
    return storage.maxBatchBytes();
  }

  /**
   * Reads blobs together in one message; not verified.
   *
   * @param blobs as {@link BlobBatches} gives them
   */
  List<ByteString> read(List<Descriptor> blobs) throws IOException {
    // Holding a slot bounds how many batches are in memory.
    return connection.transfer(channel -> storage.read(blobs));
  }

  /** Receives one blob and commits it. */
  void download(Descriptor blob, PartialBlob target) throws IOException {
    fill(blob, target, BlobProgress.NONE);
    target.commit();
  }

  /** Receives one blob by a stream, continuing it when it breaks; does not commit it. */
  void fill(Descriptor blob, PartialBlob target, BlobProgress progress) throws IOException {
    progress.started(target.position());
    requireWithin(blob, target.position());
    int failed = 0;
    while (target.position() < blob.size()) {
      long before = target.position();
      try {
        connection.transfer(channel -> receive(channel, blob, target, progress));
      } catch (LayercacheException e) {
        if (target.position() - before >= BlobUploader.MESSAGE_BYTES) {
          failed = 0;
        }
        connection.pauseBeforeRetry(failed++, e);
      }
    }
  }

  /** Whether all arrived; otherwise throws. */
  private boolean receive(
      Channel channel, Descriptor blob, PartialBlob target, BlobProgress progress)
      throws IOException {
    try (var call =
        new StreamCall<ReadRequest, Received<ReadResponse>>(
            connection, channel, BlobStream.READ, "download of " + blob.digest())) {
      var request =
          ReadRequest.newBuilder()
              .setResourceName(WireNames.read(connection.options().instanceName(), blob))
              .setReadOffset(target.position())
              .build();
      call.sendOnly(request);
      while (true) {
        Optional<Received<ReadResponse>> message = call.receive(target.position(), blob.size());
        if (message.isEmpty()) {
          break;
        }
        try (Received<ReadResponse> received = message.get()) {
          ByteString data = received.message().getData();
          write(blob, data, target);
          progress.moved(data.size(), target.position());
        }
      }
    }
    if (target.position() < blob.size()) {
      throw new LayercacheException(
          Kind.CORRUPT,
          "download of %s: the server's bytes end after %d (expected: %d)"
              .formatted(blob.digest(), target.position(), blob.size()));
    }
    return true;
  }

  private static void write(Descriptor blob, ByteString data, PartialBlob target)
      throws IOException {
    requireWithin(blob, target.position() + data.size());
    for (ByteBuffer bytes : data.asReadOnlyByteBufferList()) {
      target.write(bytes);
    }
  }

  private static void requireWithin(Descriptor blob, long position) throws LayercacheException {
    if (position > blob.size()) {
      throw new LayercacheException(
          Kind.CORRUPT,
          "download of %s: %d bytes or more (expected: %d)"
              .formatted(blob.digest(), position, blob.size()));
    }
  }
}

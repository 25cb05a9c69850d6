package dev.layercache.client;

import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.QueryWriteStatusRequest;
import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Sends blobs that the server is thought to lack. Thread-safe. */
final class BlobUploader {
  /** Measured: 64 KiB messages cost nearly twice the CPU; larger ones gain nothing. */
  static final int MESSAGE_BYTES = 1 << 20;

  private static final MethodDescriptor<OutgoingWrite, WriteResponse> WRITE =
      ByteStreamGrpc.getWriteMethod().toBuilder(
              new OutgoingWrite.Writer(), ByteStreamGrpc.getWriteMethod().getResponseMarshaller())
          .build();

  private final Connection connection;
  private final ContentAddressableStorage storage;

  BlobUploader(Connection connection, ContentAddressableStorage storage) {
    this.connection = connection;
    this.storage = storage;
  }

  /** Most bytes of a batch for {@link #uploadBatch}. */
  long maxBatchBytes() {
    return storage.maxBatchBytes();
  }

  /**
   * Sends blobs together in one message.
   *
   * @param blobs as {@link BlobBatches} gives them
   */
  void uploadBatch(
      List<Descriptor> blobs,
      Function<Descriptor, BlobContent> contents,
      Function<Descriptor, BlobProgress> progress)
      throws IOException {
    // Holding a slot bounds how many batches are in memory.
    connection.transfer(
        channel -> {
          var bytes = new LinkedHashMap<Descriptor, byte[]>();
          for (Descriptor blob : blobs) {
            progress.apply(blob).started(0);
            bytes.put(blob, readAll(blob, contents.apply(blob)));
          }
          storage.update(bytes);
          return bytes.size();
        });
    blobs.forEach(blob -> progress.apply(blob).moved(blob.size(), blob.size()));
  }

  private static byte[] readAll(Descriptor blob, BlobContent content) throws IOException {
    try (InputStream in = content.open(0)) {
      byte[] bytes = in.readNBytes(Math.toIntExact(blob.size()));
      if (bytes.length < blob.size()) {
        throw tooShort(blob, bytes.length);
      }
      return bytes;
    }
  }

  /**
   * Sends one blob by a stream, continuing it when it breaks.
   *
   * @return false if the server turned out to have the blob before all was sent
   */
  boolean upload(Descriptor blob, BlobContent content, BlobProgress progress) throws IOException {
    String resource = WireNames.write(connection.options().instanceName(), UUID.randomUUID(), blob);
    progress.started(0);
    long offset = 0;
    long furthest = 0;
    int failed = 0;
    while (true) {
      try {
        long from = offset;
        return connection.transfer(
            channel -> send(channel, resource, blob, content, from, progress));
      } catch (LayercacheException e) {
        if (!isOvertaken(e, offset, resource, blob)) {
          connection.pauseBeforeRetry(failed++, e);
        } else if (failed++ >= connection.options().retries()) {
          throw e;
        }
      }
      Optional<Long> committed = committed(resource, blob);
      if (committed.isEmpty()) {
        return true;
      }
      offset = committed.get();
      // Not what was there before: a server that forgets would be asked for ever.
      if (offset - furthest >= MESSAGE_BYTES) {
        failed = 0;
        furthest = offset;
      }
    }
  }

  /**
   * Whether a continued stream was refused because the server, between our question and our first
   * byte, took in more of the stream that broke.
   */
  private boolean isOvertaken(
      LayercacheException refusal, long offset, String resource, Descriptor blob)
      throws LayercacheException {
    if (refusal.kind() != Kind.INVALID || offset == 0) {
      return false;
    }
    Optional<Long> committed = committed(resource, blob);
    return committed.isEmpty() || committed.get() > offset;
  }

  /** Where to go on; empty when the blob is complete. */
  private Optional<Long> committed(String resource, Descriptor blob) throws LayercacheException {
    try {
      var status =
          connection.call(
              ByteStreamGrpc.getQueryWriteStatusMethod(),
              QueryWriteStatusRequest.newBuilder().setResourceName(resource).build());
      long size = status.getCommittedSize();
      if (size < 0 || size > blob.size()) {
        throw new LayercacheException(
            Kind.FAILED,
            "upload of %s: the server says it has %d bytes (expected: 0 to %d)"
                .formatted(blob.digest(), size, blob.size()));
      }
      return status.getComplete() ? Optional.empty() : Optional.of(size);
    } catch (LayercacheException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return Optional.of(0L);
      }
      throw e;
    }
  }

  private boolean send(
      Channel channel,
      String resource,
      Descriptor blob,
      BlobContent content,
      long offset,
      BlobProgress progress)
      throws IOException {
    try (var call =
            new StreamCall<OutgoingWrite, WriteResponse>(
                connection, channel, WRITE, "upload of " + blob.digest());
        InputStream in = content.open(offset)) {
      boolean sentAll = sendAll(call, resource, blob, in, offset, progress);
      if (sentAll) {
        call.halfClose();
      }
      WriteResponse response = answer(call, blob);
      if (response.getCommittedSize() != blob.size()) {
        throw new LayercacheException(
            Kind.FAILED,
            "upload of %s: the server committed %d bytes (expected: %d)"
                .formatted(blob.digest(), response.getCommittedSize(), blob.size()));
      }
      return sentAll;
    }
  }

  private static WriteResponse answer(
      StreamCall<OutgoingWrite, WriteResponse> call, Descriptor blob) throws LayercacheException {
    Optional<WriteResponse> response = call.receive(blob.size(), blob.size());
    if (response.isEmpty()) {
      throw new LayercacheException(
          Kind.FAILED, "upload of %s: the server ended without an answer".formatted(blob.digest()));
    }
    // A status other than OK outweighs the answer before it.
    call.receive(blob.size(), blob.size());
    return response.get();
  }

  /** Whether all was sent before the server answered. */
  private static boolean sendAll(
      StreamCall<OutgoingWrite, WriteResponse> call,
      String resource,
      Descriptor blob,
      InputStream in,
      long offset,
      BlobProgress progress)
      throws IOException {
    long position = offset;
    byte[] bytes = new byte[(int) Math.min(MESSAGE_BYTES, blob.size() - offset)];
    do {
      int length = (int) Math.min(bytes.length, blob.size() - position);
      int read = in.readNBytes(bytes, 0, length);
      if (read < length) {
        throw tooShort(blob, position + read);
      }
      var message =
          new OutgoingWrite(
              WriteRequest.newBuilder()
                  .setResourceName(position == offset ? resource : "")
                  .setWriteOffset(position)
                  .setData(UnsafeByteOperations.unsafeWrap(bytes, 0, length))
                  .setFinishWrite(position + length == blob.size())
                  .build());
      if (!call.send(message, position, blob.size())) {
        return false;
      }
      if (!message.isCopied()) {
        bytes = new byte[bytes.length];
      }
      position += length;
      progress.moved(length, position);
    } while (position < blob.size());
    return true;
  }

  private static LayercacheException tooShort(Descriptor blob, long length) {
    return new LayercacheException(
        Kind.INVALID,
        "content of %s ends after %d bytes (expected: %d)"
            .formatted(blob.digest(), length, blob.size()));
  }
}

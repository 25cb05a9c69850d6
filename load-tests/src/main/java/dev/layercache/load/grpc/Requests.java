package dev.layercache.load.grpc;

import build.bazel.remote.execution.v2.BatchReadBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsResponse;
import build.bazel.remote.execution.v2.Digest;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import com.google.bytestream.ReadRequest;
import com.google.bytestream.WriteRequest;
import com.google.bytestream.WriteResponse;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.load.data.Blob;
import java.util.List;
import java.util.UUID;

/** Messages, encoded. */
public final class Requests {
  private Requests() {}

  /** Of one or more blobs. */
  public static byte[] findMissing(List<Blob> blobs) {
    var request = FindMissingBlobsRequest.newBuilder();
    blobs.forEach(blob -> request.addBlobDigests(digest(blob)));
    return request.build().toByteArray();
  }

  /** Of one blob. */
  public static byte[] batchUpdate(Blob blob) {
    return batchUpdate(List.of(blob));
  }

  /** Of several small blobs. */
  public static byte[] batchUpdate(List<Blob> blobs) {
    var request = BatchUpdateBlobsRequest.newBuilder();
    for (var blob : blobs) {
      request.addRequests(
          BatchUpdateBlobsRequest.Request.newBuilder()
              .setDigest(digest(blob))
              .setData(UnsafeByteOperations.unsafeWrap(blob.content())));
    }
    return request.build().toByteArray();
  }

  /** Whether the response says that the one blob was stored. */
  public static boolean stored(byte[] response) {
    return stored(response, 1);
  }

  /** Whether the response says that all of {@code blobs} blobs were stored. */
  public static boolean stored(byte[] response, int blobs) {
    try {
      var parsed = BatchUpdateBlobsResponse.parseFrom(response).getResponsesList();
      return parsed.size() == blobs
          && parsed.stream().allMatch(one -> one.getStatus().getCode() == 0);
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  /** Of several small blobs. */
  public static byte[] batchRead(List<Blob> blobs) {
    var request = BatchReadBlobsRequest.newBuilder();
    blobs.forEach(blob -> request.addDigests(digest(blob)));
    return request.build().toByteArray();
  }

  /** {@code ByteStream.Write} of a blob in one message. */
  public static byte[] writeWhole(Blob blob) {
    return WriteRequest.newBuilder()
        .setResourceName(write(blob))
        .setData(UnsafeByteOperations.unsafeWrap(blob.content()))
        .setFinishWrite(true)
        .build()
        .toByteArray();
  }

  /** Whether the response to {@link #writeWhole} says that {@code size} bytes were stored. */
  public static boolean written(byte[] response, long size) {
    try {
      return WriteResponse.parseFrom(response).getCommittedSize() == size;
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  /** Of a whole blob. */
  public static byte[] read(Blob blob) {
    return ReadRequest.newBuilder().setResourceName(name(blob)).build().toByteArray();
  }

  static String write(Blob blob) {
    return "uploads/%s/%s".formatted(UUID.randomUUID(), name(blob));
  }

  private static String name(Blob blob) {
    return "blobs/%s/%d".formatted(blob.digest().hex(), blob.size());
  }

  static Digest digest(Blob blob) {
    return Digest.newBuilder().setHash(blob.digest().hex()).setSizeBytes(blob.size()).build();
  }
}

package dev.layercache.load.grpc;

import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsResponse;
import build.bazel.remote.execution.v2.Digest;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import com.google.bytestream.ReadRequest;
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
    var update =
        BatchUpdateBlobsRequest.Request.newBuilder()
            .setDigest(digest(blob))
            .setData(UnsafeByteOperations.unsafeWrap(blob.content()));
    return BatchUpdateBlobsRequest.newBuilder().addRequests(update).build().toByteArray();
  }

  /** Whether the response says that the one blob was stored. */
  public static boolean stored(byte[] response) {
    try {
      var parsed = BatchUpdateBlobsResponse.parseFrom(response);
      return parsed.getResponsesCount() == 1 && parsed.getResponses(0).getStatus().getCode() == 0;
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

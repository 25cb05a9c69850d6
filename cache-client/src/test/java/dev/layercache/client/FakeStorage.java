package dev.layercache.client;

import build.bazel.remote.execution.v2.BatchReadBlobsRequest;
import build.bazel.remote.execution.v2.BatchReadBlobsResponse;
import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsResponse;
import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc;
import build.bazel.remote.execution.v2.DigestFunction;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import build.bazel.remote.execution.v2.FindMissingBlobsResponse;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import io.grpc.stub.StreamObserver;

/** Blobs by digest, many at once. */
final class FakeStorage extends ContentAddressableStorageGrpc.ContentAddressableStorageImplBase {
  private final FakeCache cache;

  FakeStorage(FakeCache cache) {
    this.cache = cache;
  }

  @Override
  public void findMissingBlobs(
      FindMissingBlobsRequest request, StreamObserver<FindMissingBlobsResponse> answer) {
    var missing = FindMissingBlobsResponse.newBuilder();
    for (var digest : request.getBlobDigestsList()) {
      if (!cache.blobs.containsKey(digest(digest.getHash(), request.getDigestFunction()))) {
        missing.addMissingBlobDigests(digest);
      }
    }
    answer.onNext(missing.build());
    answer.onCompleted();
  }

  @Override
  public void batchUpdateBlobs(
      BatchUpdateBlobsRequest request, StreamObserver<BatchUpdateBlobsResponse> answer) {
    var responses = BatchUpdateBlobsResponse.newBuilder();
    for (var update : request.getRequestsList()) {
      byte[] content = update.getData().toByteArray();
      var expected = digest(update.getDigest().getHash(), request.getDigestFunction());
      boolean right = of(expected.algorithm(), content).equals(expected);
      if (right) {
        cache.blobs.put(expected, content);
        cache.bytesWritten.add(content.length);
      }
      responses.addResponses(
          BatchUpdateBlobsResponse.Response.newBuilder()
              .setDigest(update.getDigest())
              .setStatus(status(right ? Code.OK : Code.INVALID_ARGUMENT)));
    }
    answer.onNext(responses.build());
    answer.onCompleted();
  }

  @Override
  public void batchReadBlobs(
      BatchReadBlobsRequest request, StreamObserver<BatchReadBlobsResponse> answer) {
    var responses = BatchReadBlobsResponse.newBuilder();
    for (var asked : request.getDigestsList()) {
      byte[] content = cache.blobs.get(digest(asked.getHash(), request.getDigestFunction()));
      var response = BatchReadBlobsResponse.Response.newBuilder().setDigest(asked);
      if (content == null) {
        response.setStatus(status(Code.NOT_FOUND));
      } else {
        byte[] sent = cache.faults.corrupt ? corrupted(content) : content;
        response.setData(ByteString.copyFrom(sent)).setStatus(status(Code.OK));
        cache.bytesRead.add(sent.length);
      }
      responses.addResponses(response);
    }
    answer.onNext(responses.build());
    answer.onCompleted();
  }

  static byte[] corrupted(byte[] content) {
    byte[] wrong = content.clone();
    wrong[wrong.length / 2] ^= 1;
    return wrong;
  }

  static Digest of(DigestAlgorithm algorithm, byte[] content) {
    var hash = algorithm.newHash();
    hash.update(content);
    return Digest.of(algorithm, hash);
  }

  private static Digest digest(String hex, DigestFunction.Value function) {
    return new Digest(
        function == DigestFunction.Value.SHA512 ? DigestAlgorithm.SHA512 : DigestAlgorithm.SHA256,
        hex);
  }

  private static Status status(Code code) {
    return Status.newBuilder().setCode(code.getNumber()).build();
  }
}

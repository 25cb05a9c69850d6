package dev.layercache.client;

import build.bazel.remote.execution.v2.BatchReadBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.CapabilitiesGrpc;
import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import build.bazel.remote.execution.v2.GetCapabilitiesRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import com.google.rpc.Status;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The calls of the Remote Execution API that handle many blobs at once. Thread-safe. */
final class ContentAddressableStorage {
  /** Names in one question: about 80 bytes each, so a message stays under 400 KiB. */
  static final int MAX_NAMES = 5_000;

  /** Fits, with its names, under the 4 MiB that other servers accept. */
  private static final long MAX_BATCH_BYTES = 3_500 << 10;

  private final Connection connection;
  private final long maxBatchBytes;

  private ContentAddressableStorage(Connection connection, long maxBatchBytes) {
    this.connection = connection;
    this.maxBatchBytes = maxBatchBytes;
  }

  /** Asks the server for its limits. */
  static ContentAddressableStorage of(Connection connection) throws LayercacheException {
    long advertised =
        connection
            .call(
                CapabilitiesGrpc.getGetCapabilitiesMethod(),
                GetCapabilitiesRequest.newBuilder()
                    .setInstanceName(connection.options().instanceName())
                    .build())
            .getCacheCapabilities()
            .getMaxBatchTotalSizeBytes();
    return new ContentAddressableStorage(
        connection, advertised <= 0 ? MAX_BATCH_BYTES : Math.min(advertised, MAX_BATCH_BYTES));
  }

  /** Most bytes of blobs that one batch may carry. */
  long maxBatchBytes() {
    return maxBatchBytes;
  }

  /** Which of these the server lacks, each digest once, in the order given. */
  List<Descriptor> findMissing(Collection<Descriptor> blobs) throws LayercacheException {
    var distinct = new LinkedHashMap<Digest, Descriptor>();
    blobs.forEach(blob -> distinct.putIfAbsent(blob.digest(), blob));
    var missing = new HashSet<Digest>();
    for (var algorithm : DigestAlgorithm.values()) {
      List<Descriptor> alike =
          distinct.values().stream().filter(b -> b.digest().algorithm() == algorithm).toList();
      for (int from = 0; from < alike.size(); from += MAX_NAMES) {
        ask(algorithm, alike.subList(from, Math.min(from + MAX_NAMES, alike.size())), missing);
      }
    }
    return distinct.values().stream().filter(blob -> missing.contains(blob.digest())).toList();
  }

  private void ask(DigestAlgorithm algorithm, List<Descriptor> blobs, Set<Digest> missing)
      throws LayercacheException {
    var request =
        FindMissingBlobsRequest.newBuilder()
            .setInstanceName(connection.options().instanceName())
            .setDigestFunction(WireNames.function(algorithm));
    blobs.forEach(blob -> request.addBlobDigests(WireNames.digest(blob)));
    var response =
        connection.call(ContentAddressableStorageGrpc.getFindMissingBlobsMethod(), request.build());
    var asked = new HashSet<String>();
    blobs.forEach(blob -> asked.add(blob.digest().hex()));
    for (var digest : response.getMissingBlobDigestsList()) {
      if (asked.contains(digest.getHash())) {
        missing.add(new Digest(algorithm, digest.getHash()));
      }
    }
  }

  /**
   * Stores small blobs of one algorithm, all or, on the first failure, some of them.
   *
   * @param blobs at most {@link #maxBatchBytes} of content, which is not copied
   */
  void update(Map<Descriptor, byte[]> blobs) throws LayercacheException {
    var request =
        BatchUpdateBlobsRequest.newBuilder()
            .setInstanceName(connection.options().instanceName())
            .setDigestFunction(WireNames.function(algorithm(blobs.keySet())));
    blobs.forEach(
        (blob, content) ->
            request.addRequests(
                BatchUpdateBlobsRequest.Request.newBuilder()
                    .setDigest(WireNames.digest(blob))
                    .setData(UnsafeByteOperations.unsafeWrap(content))));
    var response =
        connection.call(ContentAddressableStorageGrpc.getBatchUpdateBlobsMethod(), request.build());
    var statuses = new HashMap<String, Status>();
    for (var answer : response.getResponsesList()) {
      statuses.put(answer.getDigest().getHash(), answer.getStatus());
    }
    for (Descriptor blob : blobs.keySet()) {
      requireOk("upload", blob, statuses.getOrDefault(blob.digest().hex(), NOT_ANSWERED));
    }
  }

  /**
   * Reads small blobs of one algorithm.
   *
   * @param blobs of at most {@link #maxBatchBytes} in all
   * @return their contents in the same order, of the right sizes but not verified
   */
  List<ByteString> read(List<Descriptor> blobs) throws LayercacheException {
    var request =
        BatchReadBlobsRequest.newBuilder()
            .setInstanceName(connection.options().instanceName())
            .setDigestFunction(WireNames.function(algorithm(blobs)));
    blobs.forEach(blob -> request.addDigests(WireNames.digest(blob)));
    var response =
        connection.call(ContentAddressableStorageGrpc.getBatchReadBlobsMethod(), request.build());
    var answers =
        new HashMap<String, build.bazel.remote.execution.v2.BatchReadBlobsResponse.Response>();
    for (var answer : response.getResponsesList()) {
      answers.put(answer.getDigest().getHash(), answer);
    }
    var contents = new ArrayList<ByteString>(blobs.size());
    for (Descriptor blob : blobs) {
      var answer = answers.get(blob.digest().hex());
      requireOk("download", blob, answer == null ? NOT_ANSWERED : answer.getStatus());
      ByteString data = answer == null ? ByteString.EMPTY : answer.getData();
      if (data.size() != blob.size()) {
        throw new LayercacheException(
            LayercacheException.Kind.CORRUPT,
            "download of %s: the server sent %d bytes (expected: %d)"
                .formatted(blob.digest(), data.size(), blob.size()));
      }
      contents.add(data);
    }
    return contents;
  }

  private static final Status NOT_ANSWERED =
      Status.newBuilder()
          .setCode(io.grpc.Status.Code.INTERNAL.value())
          .setMessage("the server's answer leaves this blob out")
          .build();

  private void requireOk(String what, Descriptor blob, Status status) throws LayercacheException {
    if (status.getCode() != io.grpc.Status.Code.OK.value()) {
      throw connection.failures().ofBlob(what + " of " + blob.digest(), status);
    }
  }

  private static DigestAlgorithm algorithm(Collection<Descriptor> blobs) {
    return blobs.iterator().next().digest().algorithm();
  }
}

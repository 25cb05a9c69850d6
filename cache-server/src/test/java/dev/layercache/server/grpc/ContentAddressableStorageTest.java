package dev.layercache.server.grpc;

import static dev.layercache.server.grpc.TestServer.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.bazel.remote.execution.v2.BatchReadBlobsRequest;
import build.bazel.remote.execution.v2.BatchReadBlobsResponse;
import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.BatchUpdateBlobsResponse;
import build.bazel.remote.execution.v2.Compressor;
import build.bazel.remote.execution.v2.Digest;
import build.bazel.remote.execution.v2.DigestFunction;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import com.google.protobuf.ByteString;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.blob.OutOfSpaceException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ContentAddressableStorageTest {
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Digest digest(byte[] content) {
    return digest(content, content.length);
  }

  private static Digest digest(byte[] content, long size) {
    return Digest.newBuilder()
        .setHash(dev.layercache.oci.Digest.of(content).hex())
        .setSizeBytes(size)
        .build();
  }

  private static BatchUpdateBlobsRequest.Request update(Digest digest, byte[] content) {
    return BatchUpdateBlobsRequest.Request.newBuilder()
        .setDigest(digest)
        .setData(ByteString.copyFrom(content))
        .build();
  }

  private BatchUpdateBlobsResponse send(BatchUpdateBlobsRequest.Request... requests) {
    return server
        .cas()
        .batchUpdateBlobs(
            BatchUpdateBlobsRequest.newBuilder()
                .setInstanceName("any/instance")
                .addAllRequests(List.of(requests))
                .build());
  }

  private BatchReadBlobsResponse read(Digest... digests) {
    return server
        .cas()
        .batchReadBlobs(BatchReadBlobsRequest.newBuilder().addAllDigests(List.of(digests)).build());
  }

  private List<Digest> findMissing(Digest... digests) {
    return server
        .cas()
        .findMissingBlobs(
            FindMissingBlobsRequest.newBuilder().addAllBlobDigests(List.of(digests)).build())
        .getMissingBlobDigestsList();
  }

  private static void assertStatus(
      com.google.rpc.Status status, Status.Code code, String... words) {
    assertThat(status.getCode()).isEqualTo(code.value());
    for (var word : words) {
      assertThat(status.getMessage()).contains(word);
    }
  }

  @Test
  void missingBlobsAreFoundOnceInTheOrderAsked() throws Exception {
    var here = random(1, 10);
    var absent = random(2, 10);
    var alsoAbsent = random(3, 10);
    server.put(here);

    assertThat(
            findMissing(
                digest(absent),
                digest(here),
                digest(alsoAbsent),
                digest(absent),
                digest(new byte[0])))
        .containsExactly(digest(absent), digest(alsoAbsent));
    assertThat(findMissing()).isEmpty();
  }

  @Test
  void aBatchOfTooManyBlobsIsRefused() {
    var empty = Digest.getDefaultInstance();
    var digests = Collections.nCopies(10_001, empty).toArray(Digest[]::new);
    assertThatThrownBy(() -> read(digests))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("batch of 10001 blobs (expected: at most 10000)");
    var requests =
        Collections.nCopies(10_001, update(empty, new byte[0]))
            .toArray(BatchUpdateBlobsRequest.Request[]::new);
    assertThatThrownBy(() -> send(requests)).hasMessageContaining("batch of 10001 blobs");
  }

  @Test
  void aHashOfAbsurdLengthIsNotSentBack() {
    var absurd = Digest.newBuilder().setHash("%".repeat(1 << 20)).setSizeBytes(-1).build();
    assertThatThrownBy(() -> findMissing(absurd))
        .hasMessageContaining("INVALID_ARGUMENT")
        .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(500));
  }

  @Test
  void compressedMessagesAreRefused() {
    assertThatThrownBy(
            () ->
                server
                    .cas()
                    .withCompression("gzip")
                    .findMissingBlobs(FindMissingBlobsRequest.getDefaultInstance()))
        .hasMessageContaining("UNIMPLEMENTED");
  }

  @Test
  void aBlobOfAnotherSizeIsMissing() throws Exception {
    var content = random(4, 10);
    server.put(content);

    assertThat(findMissing(digest(content, 11), digest(content, 10)))
        .containsExactly(digest(content, 11));
  }

  @Test
  void aBatchIsStoredAndReadBack() {
    var contents = new ArrayList<byte[]>();
    var requests = new ArrayList<BatchUpdateBlobsRequest.Request>();
    var digests = new ArrayList<Digest>();
    for (int i = 0; i < 200; i++) {
      var content = random(100 + i, i * 80);
      contents.add(content);
      digests.add(digest(content));
      requests.add(update(digest(content), content));
    }

    var stored = send(requests.toArray(BatchUpdateBlobsRequest.Request[]::new));

    assertThat(stored.getResponsesList())
        .extracting(BatchUpdateBlobsResponse.Response::getDigest)
        .containsExactlyElementsOf(digests);
    assertThat(stored.getResponsesList())
        .allSatisfy(response -> assertThat(response.getStatus().getCode()).isZero());
    var read = read(digests.toArray(Digest[]::new));
    assertThat(read.getResponsesList())
        .extracting(response -> response.getData().toByteArray())
        .containsExactlyElementsOf(contents);
    assertThat(server.unfinishedUploads()).isZero();
  }

  @Test
  void oneBadBlobFailsAlone() throws Exception {
    var good = random(5, 100);
    var bad = random(6, 100);

    var responses =
        send(
                update(digest(good), good),
                update(digest(bad), random(7, 100)),
                update(digest(bad, 99), bad),
                update(Digest.newBuilder().setHash("xyz").setSizeBytes(100).build(), bad),
                update(digest(bad, -1), bad),
                update(digest(bad), bad).toBuilder().setCompressor(Compressor.Value.ZSTD).build())
            .getResponsesList();

    assertStatus(responses.get(0).getStatus(), Status.Code.OK);
    assertStatus(responses.get(1).getStatus(), Status.Code.INVALID_ARGUMENT, "digest mismatch");
    assertStatus(
        responses.get(2).getStatus(), Status.Code.INVALID_ARGUMENT, "received 100", "expected: 99");
    assertStatus(responses.get(3).getStatus(), Status.Code.INVALID_ARGUMENT, "xyz");
    assertStatus(responses.get(4).getStatus(), Status.Code.INVALID_ARGUMENT, "size -1");
    assertStatus(responses.get(5).getStatus(), Status.Code.INVALID_ARGUMENT, "ZSTD");
    assertThat(server.store.usage().blobs()).isEqualTo(1);
    assertThat(server.unfinishedUploads()).isZero();
  }

  @Test
  void aFullDiskIsSaidForEachBlobAndPasses() throws Exception {
    var store = TestServer.watched();
    try (var full = TestServer.start(store, 256, Duration.ofSeconds(30))) {
      var content = random(8, 100);
      var request =
          BatchUpdateBlobsRequest.newBuilder()
              .addRequests(update(digest(content), content))
              .build();
      store.failWith(new OutOfSpaceException("no room for 100 bytes"));

      var response = full.cas().batchUpdateBlobs(request).getResponses(0);

      assertStatus(response.getStatus(), Status.Code.RESOURCE_EXHAUSTED, "no room for 100 bytes");
      store.recover();
      assertStatus(
          full.cas().batchUpdateBlobs(request).getResponses(0).getStatus(), Status.Code.OK);
    }
  }

  @Test
  void aBatchOverTheAdvertisedTotalIsTakenInButNotGivenOut() {
    var large = random(9, 5 << 20);

    assertStatus(send(update(digest(large), large)).getResponses(0).getStatus(), Status.Code.OK);

    assertThatThrownBy(() -> read(digest(large)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("asks for " + (5 << 20));
  }

  @Test
  void whatIsMissingIsSaidForEachBlob() throws Exception {
    var here = random(10, 50);
    server.put(here);

    var responses =
        read(digest(here), digest(random(11, 50)), digest(here, 49), digest(here, -7))
            .getResponsesList();

    assertStatus(responses.get(0).getStatus(), Status.Code.OK);
    assertStatus(responses.get(1).getStatus(), Status.Code.NOT_FOUND, "is not stored");
    assertStatus(responses.get(2).getStatus(), Status.Code.NOT_FOUND, "/49 is not stored");
    assertStatus(responses.get(3).getStatus(), Status.Code.INVALID_ARGUMENT, "size -7");
  }

  @Test
  void theDigestFunctionDecidesNotTheLength() throws Exception {
    var content = random(12, 50);
    server.put(content);
    var request = FindMissingBlobsRequest.newBuilder().addBlobDigests(digest(content));

    assertThatThrownBy(
            () ->
                server
                    .cas()
                    .findMissingBlobs(
                        request.setDigestFunction(DigestFunction.Value.BLAKE3).build()))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("BLAKE3 is not supported");
    assertThatThrownBy(
            () ->
                server
                    .cas()
                    .findMissingBlobs(
                        request.setDigestFunction(DigestFunction.Value.SHA512).build()))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("expected: 128 for sha512");
    assertThat(
            server
                .cas()
                .findMissingBlobs(request.setDigestFunction(DigestFunction.Value.SHA256).build())
                .getMissingBlobDigestsList())
        .isEmpty();
  }

  @Test
  void sha512IsStoredAndTheEmptyBlobIsThere() {
    var content = random(13, 50);
    var hash = DigestAlgorithm.SHA512.newHash();
    var empty =
        Digest.newBuilder()
            .setHash(dev.layercache.oci.Digest.of(DigestAlgorithm.SHA512, hash).hex())
            .build();
    hash.update(content);
    var digest =
        Digest.newBuilder()
            .setHash(dev.layercache.oci.Digest.of(DigestAlgorithm.SHA512, hash).hex())
            .setSizeBytes(50)
            .build();
    var cas = server.cas();

    var stored =
        cas.batchUpdateBlobs(
            BatchUpdateBlobsRequest.newBuilder()
                .setDigestFunction(DigestFunction.Value.SHA512)
                .addRequests(update(digest, content))
                .build());

    assertStatus(stored.getResponses(0).getStatus(), Status.Code.OK);
    var read = read(digest, empty);
    assertThat(read.getResponses(0).getData().toByteArray()).isEqualTo(content);
    assertStatus(read.getResponses(1).getStatus(), Status.Code.OK);
    assertThat(findMissing(digest, empty)).isEmpty();
  }
}

package dev.layercache.server.grpc;

import static dev.layercache.server.grpc.TestServer.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.bazel.remote.execution.v2.CapabilitiesGrpc;
import build.bazel.remote.execution.v2.DigestFunction;
import build.bazel.remote.execution.v2.GetCapabilitiesRequest;
import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.ReadRequest;
import dev.layercache.oci.Digest;
import dev.layercache.server.config.ServerConfig;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class GrpcDoorTest {
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void capabilitiesSayWhatThereIs() {
    var capabilities =
        CapabilitiesGrpc.newBlockingStub(server.connect())
            .getCapabilities(
                GetCapabilitiesRequest.newBuilder().setInstanceName("any/instance").build());

    var cache = capabilities.getCacheCapabilities();
    assertThat(cache.getDigestFunctionsList())
        .containsExactly(DigestFunction.Value.SHA256, DigestFunction.Value.SHA512);
    assertThat(cache.getMaxBatchTotalSizeBytes()).isEqualTo(3_670_016);
    assertThat(cache.getMaxCasBlobSizeBytes()).isEqualTo(TestServer.MAX_BLOB_BYTES);
    assertThat(cache.getSupportedCompressorsList()).isEmpty();
    assertThat(cache.getActionCacheUpdateCapabilities().getUpdateEnabled()).isFalse();
    assertThat(capabilities.hasExecutionCapabilities()).isFalse();
    assertThat(capabilities.getLowApiVersion().getMajor()).isEqualTo(2);
    assertThat(capabilities.getHighApiVersion().getMajor()).isEqualTo(2);
  }

  @Test
  void healthIsServing() {
    var answer =
        HealthGrpc.newBlockingStub(server.connect()).check(HealthCheckRequest.getDefaultInstance());

    assertThat(answer.getStatus()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void reflectionNamesTheServices() throws Exception {
    var answer = new CompletableFuture<ServerReflectionResponse>();
    var requests =
        ServerReflectionGrpc.newStub(server.connect())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());

    assertThat(answer.get(20, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .contains(
            "google.bytestream.ByteStream",
            "build.bazel.remote.execution.v2.ContentAddressableStorage",
            "build.bazel.remote.execution.v2.Capabilities",
            "grpc.health.v1.Health");
    requests.onCompleted();
  }

  @Test
  void sixtyFourTransfersAtOnceOnManyConnections() throws Exception {
    int size = (2 << 20) + 3;
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var transfers = new ArrayList<Callable<Void>>();
      for (int i = 0; i < 64; i++) {
        int seed = i;
        transfers.add(() -> uploadAndDownload(random(seed, size)));
      }
      for (Future<Void> transfer : clients.invokeAll(transfers)) {
        transfer.get();
      }
    }
    assertThat(server.store.usage().blobs()).isEqualTo(64);
    assertThat(server.unfinishedUploads()).isZero();
  }

  private Void uploadAndDownload(byte[] content) throws Exception {
    var digest = Digest.of(content);
    var channel = server.connect();
    var name = "uploads/u/blobs/%s/%d".formatted(digest.hex(), content.length);
    assertThat(new WriteStream(channel).sendAll(name, content, 0, 1 << 20).committed())
        .isEqualTo(content.length);
    var hash = MessageDigest.getInstance("SHA-256");
    ByteStreamGrpc.newBlockingStub(channel)
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .read(
            ReadRequest.newBuilder().setResourceName(name.substring("uploads/u/".length())).build())
        .forEachRemaining(response -> hash.update(response.getData().asReadOnlyByteBuffer()));
    assertThat(Digest.of(digest.algorithm(), hash)).isEqualTo(digest);
    return null;
  }

  @Test
  void oneConnectionTooManyIsRefusedAndTheOthersAreServed() throws Exception {
    try (var small = TestServer.start(TestServer.watched(), 1, Duration.ofSeconds(30))) {
      var first = HealthGrpc.newBlockingStub(small.connect());
      assertThat(first.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          .isEqualTo(ServingStatus.SERVING);

      assertThatThrownBy(
              () ->
                  HealthGrpc.newBlockingStub(small.connect())
                      .check(HealthCheckRequest.getDefaultInstance()))
          .hasMessageContaining("UNAVAILABLE")
          .hasMessageContaining("too many connections (expected: at most 1)");
      assertThat(first.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
  }

  @Test
  void anUploadThatSendsNothingIsNotWaitedForLonger() throws Exception {
    try (var impatient = TestServer.start(TestServer.watched(), 8, Duration.ofMillis(200))) {
      var content = random(70, 1000);
      var name = "uploads/u/blobs/%s/1000".formatted(Digest.of(content).hex());

      var status =
          new WriteStream(impatient.connect())
              .send(name, 0, Arrays.copyOf(content, 10), false)
              .status();

      assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(impatient.unfinishedUploads()).isEqualTo(1);
    }
  }

  @Test
  void closingLetsCallsInProgressEnd() throws Exception {
    var content = random(71, 3 << 20);
    var name = "uploads/u/blobs/%s/%d".formatted(Digest.of(content).hex(), content.length);
    var upload =
        new WriteStream(server.connect()).send(name, 0, Arrays.copyOf(content, 1 << 20), false);
    awaitUploads(1);
    var closing = Thread.startVirtualThread(server.door::close);

    upload.sendAll("", content, 1 << 20, 1 << 20);

    assertThat(upload.committed()).isEqualTo(content.length);
    closing.join();
  }

  @Test
  void closingCancelsWhatDoesNotEndAndLeavesItResumable() throws Exception {
    var content = random(72, 3 << 20);
    var name = "uploads/u/blobs/%s/%d".formatted(Digest.of(content).hex(), content.length);
    var upload =
        new WriteStream(server.connect()).send(name, 0, Arrays.copyOf(content, 1 << 20), false);
    awaitUploads(1);

    server.door.close();

    assertThat(upload.status().isOk()).isFalse();
    assertThat(server.store.usage())
        .satisfies(
            usage -> {
              assertThat(usage.blobs()).isZero();
              assertThat(usage.uploads()).isEqualTo(1);
            });
  }

  private void awaitUploads(long count) throws InterruptedException {
    for (int i = 0; i < 500 && server.unfinishedUploads() != count; i++) {
      Thread.sleep(20);
    }
    assertThat(server.unfinishedUploads()).isEqualTo(count);
  }

  @Test
  void anAddressInUseIsNamed() {
    var taken = server.door.address();
    var config = TestServer.config(8, Duration.ofSeconds(1));
    var clash =
        new ServerConfig(
            config.data(),
            new ServerConfig.Grpc(taken),
            config.http(),
            config.storage(),
            config.limits());

    assertThatThrownBy(() -> GrpcDoor.open(clash, TestServer.BUDGET, server.store, List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on " + taken)
        .hasMessageContaining("in use");
  }
}

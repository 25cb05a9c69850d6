package dev.layercache.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.bazel.remote.execution.v2.BatchUpdateBlobsRequest;
import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc;
import build.bazel.remote.execution.v2.FindMissingBlobsRequest;
import com.google.protobuf.ByteString;
import dev.layercache.oci.Digest;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.v1.GetStatisticsRequest;
import dev.layercache.v1.ImagesGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LayercacheServerTest {
  private static final byte[] CONTENT = "a layer".getBytes(StandardCharsets.UTF_8);
  private static final build.bazel.remote.execution.v2.Digest DIGEST =
      build.bazel.remote.execution.v2.Digest.newBuilder()
          .setHash(Digest.of(CONTENT).hex())
          .setSizeBytes(CONTENT.length)
          .build();

  @TempDir private Path directory;

  private LayercacheServer start() throws Exception {
    return LayercacheServer.start(
        new ConfigLoader()
            .flag(ConfigKey.DATA, "--data", directory.toString())
            .flag(ConfigKey.GRPC_LISTEN, "--grpc", "127.0.0.1:0")
            .flag(ConfigKey.HTTP_LISTEN, "--http", "127.0.0.1:0")
            .load());
  }

  private static ManagedChannel connect(LayercacheServer server) {
    var address = server.grpcAddress();
    return NettyChannelBuilder.forAddress(address.host(), address.port()).usePlaintext().build();
  }

  @Test
  void whatWasStoredIsThereAfterARestartAndIsCounted() throws Exception {
    try (var server = start()) {
      var channel = connect(server);
      try {
        var stored =
            ContentAddressableStorageGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .batchUpdateBlobs(
                    BatchUpdateBlobsRequest.newBuilder()
                        .addRequests(
                            BatchUpdateBlobsRequest.Request.newBuilder()
                                .setDigest(DIGEST)
                                .setData(ByteString.copyFrom(CONTENT)))
                        .build());
        assertThat(stored.getResponses(0).getStatus().getCode()).isZero();
      } finally {
        channel.shutdownNow();
      }
    }
    try (var server = start()) {
      var channel = connect(server);
      try {
        var missing =
            ContentAddressableStorageGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .findMissingBlobs(
                    FindMissingBlobsRequest.newBuilder().addBlobDigests(DIGEST).build());
        assertThat(missing.getMissingBlobDigestsList()).isEmpty();
        var statistics =
            ImagesGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .getStatistics(GetStatisticsRequest.getDefaultInstance());
        assertThat(statistics.getBlobs()).isEqualTo(1);
        assertThat(statistics.getBytesStored()).isEqualTo(CONTENT.length);
      } finally {
        channel.shutdownNow();
      }
    }
  }
}

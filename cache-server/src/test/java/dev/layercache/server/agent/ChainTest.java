package dev.layercache.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry, a server that mirrors it, and an agent in front of that. */
@Timeout(120)
class ChainTest {
  private static final int LAYER_BYTES = (6 << 20) + 5;

  /** Frames, headers and manifests, beside a layer of six mebibytes. */
  private static final long OVERHEAD = 200_000;

  @TempDir private Path directory;

  @Test
  void eachByteMovesOnceOverEachLink() throws Exception {
    var image = new SampleImage(SampleBlob.of(1, 200), SampleBlob.of(2, LAYER_BYTES));
    try (var origin = LayercacheServer.start(config("origin").load());
        var upper = new CountingRelay("127.0.0.1", origin.httpAddress().port());
        var parent =
            LayercacheServer.start(
                config("parent")
                    .upstream("--upstream", "origin.test=http://" + upper.address())
                    .load());
        var lower = new CountingRelay("127.0.0.1", parent.grpcAddress().port());
        var agent =
            LayercacheServer.startAgent(
                config("agent").load(), new AgentOptions(lower.address(), Duration.ofSeconds(10)));
        var http = HttpClient.newHttpClient()) {
      var manifest = image.pushTo(origin.grpcAddress(), "team/app", "v1");
      String repository = "http://%s/v2/origin.test/team/app/".formatted(agent.httpAddress());
      Concurrently.run(
          8,
          number -> {
            assertThat(get(http, repository + "manifests/v1")).isEqualTo(manifest.bytes());
            assertThat(get(http, repository + "blobs/" + image.config().digest()))
                .isEqualTo(image.config().bytes());
            assertThat(get(http, repository + "blobs/" + image.layer().digest()))
                .isEqualTo(image.layer().bytes());
          });
      assertThat(upper.fromTarget()).isBetween((long) LAYER_BYTES, LAYER_BYTES + OVERHEAD);
      assertThat(lower.fromTarget()).isBetween((long) LAYER_BYTES, LAYER_BYTES + OVERHEAD);
    }
  }

  private ConfigLoader config(String name) {
    return new ConfigLoader()
        .flag(ConfigKey.DATA, "--data", directory.resolve(name).toString())
        .flag(ConfigKey.GRPC_LISTEN, "--grpc", "127.0.0.1:0")
        .flag(ConfigKey.HTTP_LISTEN, "--http", "127.0.0.1:0")
        .flag(ConfigKey.LIMITS_DRAIN_SECONDS, "drain", "0");
  }

  private static byte[] get(HttpClient http, String uri) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(uri))
            .header("Accept", "application/vnd.oci.image.manifest.v1+json")
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
  }
}

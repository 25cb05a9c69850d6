package dev.layercache.server.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.client.BlobContent;
import dev.layercache.client.ClientOptions;
import dev.layercache.client.ImageManifest;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.LayercacheException;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent in front of a parent, with a relay between them that counts and can be cut. */
@Timeout(120)
class AgentTest {
  private static final int LAYER_BYTES = (5 << 20) + 33;

  /** Frames, headers and questions, beside a layer of five mebibytes. */
  private static final long OVERHEAD = 200_000;

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final SampleBlob layer = SampleBlob.of(1, LAYER_BYTES);
  private final SampleImage image = new SampleImage(SampleBlob.of(3, 300), layer);
  private LayercacheServer parent;
  private CountingRelay relay;
  private LayercacheServer agent;

  @BeforeEach
  void start() throws Exception {
    parent = LayercacheServer.start(config("parent"));
    relay = new CountingRelay("127.0.0.1", parent.grpcAddress().port());
    agent = startAgent();
  }

  @AfterEach
  void stop() throws IOException {
    agent.close();
    relay.close();
    parent.close();
    http.close();
  }

  private LayercacheServer startAgent() throws Exception {
    var options = new AgentOptions(relay.address(), Duration.ZERO);
    return LayercacheServer.startAgent(config("agent"), options);
  }

  private ServerConfig config(String name) throws Exception {
    return new ConfigLoader()
        .flag(ConfigKey.DATA, "--data", directory.resolve(name).toString())
        .flag(ConfigKey.GRPC_LISTEN, "--grpc", "127.0.0.1:0")
        .flag(ConfigKey.HTTP_LISTEN, "--http", "127.0.0.1:0")
        .flag(ConfigKey.LIMITS_DRAIN_SECONDS, "drain", "0")
        .load();
  }

  @Test
  void manyPullsThroughTheAgentMoveALayerOverTheLinkOnce() throws Exception {
    var pushed = pushTo(parent.grpcAddress(), "team/app", "v1");
    Concurrently.run(
        16,
        number -> {
          assertThat(get("/v2/team/app/manifests/v1").body()).isEqualTo(pushed.bytes());
          assertThat(get("/v2/team/app/blobs/" + layer.digest()).body()).isEqualTo(layer.bytes());
        });
    assertThat(relay.fromTarget()).isBetween((long) LAYER_BYTES, LAYER_BYTES + OVERHEAD);
  }

  @Test
  void aRangeOfALayerThatIsNotHereIsServed() throws Exception {
    pushTo(parent.grpcAddress(), "team/app", "v1");
    var request =
        HttpRequest.newBuilder(uri("/v2/team/app/blobs/" + layer.digest()))
            .header("Range", "bytes=1000000-1000099")
            .build();
    var answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(206);
    assertThat(answer.body()).hasSize(100);
  }

  @Test
  void pullsOverGrpcAreFilledToo() throws Exception {
    pushTo(parent.grpcAddress(), "team/app", "v1");
    try (var client = client(agent.grpcAddress())) {
      var reference = ImageReference.parse("team/app:v1");
      assertThat(client.manifest(reference).descriptor().mediaType())
          .isEqualTo(MediaTypes.OCI_MANIFEST);
      var received = new ByteArrayOutputStream();
      client.download(image.layerDescriptor(), received);
      assertThat(received.toByteArray()).isEqualTo(layer.bytes());
    }
  }

  @Test
  void aPushIsAcknowledgedWhenTheParentHasIt() throws Exception {
    var pushed = pushTo(agent.grpcAddress(), "team/app", "v1");
    try (var client = client(parent.grpcAddress())) {
      assertThat(client.manifest(ImageReference.parse("team/app:v1")).bytes())
          .isEqualTo(pushed.bytes());
      assertThat(client.findMissing(List.of(image.layerDescriptor()))).isEmpty();
    }
    long sent = relay.toTarget();
    assertThat(sent).isBetween((long) LAYER_BYTES, LAYER_BYTES + OVERHEAD);
    pushTo(agent.grpcAddress(), "team/other", "v1");
    assertThat(relay.toTarget() - sent).as("only what the parent lacks").isLessThan(OVERHEAD);
  }

  @Test
  void aManifestWhoseBlobsAreNowhereIsRefused() throws Exception {
    try (var client = client(agent.grpcAddress())) {
      assertThatThrownBy(() -> client.putManifest("team/app", List.of("v1"), image.manifest()))
          .isInstanceOfSatisfying(
              LayercacheException.class,
              e -> assertThat(e.kind()).isEqualTo(LayercacheException.Kind.MISSING_BLOBS));
    }
  }

  @Test
  void whileTheParentIsAwayWhatIsHereIsServedAndPushesAreRefused() throws Exception {
    pushTo(parent.grpcAddress(), "team/app", "v1");
    String manifest = "/v2/team/app/manifests/v1";
    String blob = "/v2/team/app/blobs/" + layer.digest();
    get(manifest);
    get(blob);
    get("/v2/team/app/blobs/" + image.config().digest());
    relay.cut();

    var stale = get(manifest);
    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(stale.headers().firstValue("Warning")).isPresent();
    assertThat(stale.headers().firstValue("Age")).isPresent();
    assertThat(get(blob).body()).isEqualTo(layer.bytes());
    assertThat(get("/v2/team/app/manifests/v2").statusCode()).isEqualTo(503);
    var push = post("/v2/team/app/blobs/uploads/");
    assertThat(push.statusCode()).isEqualTo(503);
    assertThat(push.body()).contains(relay.address());

    relay.mend();
    pushTo(parent.grpcAddress(), "team/app", "v2");
    assertThat(awaitStatus("/v2/team/app/manifests/v2", 200)).isEqualTo(200);
  }

  @Test
  void itStartsWithoutItsParentAndFindsItLater() throws Exception {
    agent.close();
    relay.cut();
    agent = startAgent();
    assertThat(get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(503);
    relay.mend();
    pushTo(parent.grpcAddress(), "team/app", "v1");
    assertThat(awaitStatus("/v2/team/app/manifests/v1", 200)).isEqualTo(200);
  }

  @Test
  void aLinkThatBreaksInTheMiddleOfABlobIsNotNoticed() throws Exception {
    var large = SampleBlob.of(2, 48 << 20);
    try (var client = client(parent.grpcAddress())) {
      client.upload(SampleImage.descriptor(large), BlobContent.of(large.bytes()));
    }
    try (var client = client(agent.grpcAddress());
        var channel = client.open(SampleImage.descriptor(large), 0)) {
      var seen = new ByteArrayOutputStream();
      var buffer = ByteBuffer.allocate(1 << 20);
      while (channel.read(buffer) >= 0) {
        if (seen.size() == 0) {
          assertThat(relay.fromTarget()).as("cut in the middle").isLessThan(large.size());
          relay.cut();
          relay.mend();
        }
        seen.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      assertThat(Digest.of(seen.toByteArray())).isEqualTo(large.digest());
    }
  }

  private ImageManifest pushTo(HostPort server, String repository, String tag) throws IOException {
    return image.pushTo(server, repository, tag);
  }

  private static LayercacheClient client(HostPort server) throws LayercacheException {
    return LayercacheClient.connect(ClientOptions.server(server.toString()));
  }

  private URI uri(String path) {
    return URI.create("http://" + agent.httpAddress() + path);
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    var request =
        HttpRequest.newBuilder(uri(path)).header("Accept", MediaTypes.OCI_MANIFEST).build();
    return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<String> post(String path) throws Exception {
    var request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.noBody()).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private int awaitStatus(String path, int wanted) throws Exception {
    int status = get(path).statusCode();
    for (int i = 0; i < 100 && status != wanted; i++) {
      Thread.sleep(100);
      status = get(path).statusCode();
    }
    return status;
  }
}

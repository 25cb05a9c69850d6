package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import dev.layercache.server.config.UpstreamConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A docker-registry with a Debian image for two platforms, in the place of Docker Hub, mirrored.
 */
final class MirrorFixture implements AutoCloseable {
  static final String IMAGE = "library/layercache-test";
  static final String TAG = "v1";

  private static final Pattern BLOB_GET =
      Pattern.compile("\"GET /v2/" + IMAGE + "/blobs/(sha256:[0-9a-f]{64}) HTTP/1.1\" 200");

  private final DockerRegistry registry;
  private final ImageLayout layout;
  private final LayercacheServer mirror;

  MirrorFixture(Path directory) throws IOException {
    registry = DockerRegistry.start(directory);
    layout = new ImageLayout(directory.resolve("layout"));
    fill(BuildContext.create(directory.resolve("context")));
    mirror = LayercacheServer.start(configuration(directory.resolve("mirror")));
  }

  private void fill(BuildContext context) throws IOException {
    var base = layout.packed(context.base());
    var amd64 = layout.image("amd64", base, layout.layer(context.app()));
    context.changeApp("other");
    var arm64 = layout.image("arm64", base, layout.layer(context.app()));
    layout.tag(TAG, layout.index(amd64, arm64));
    Program.require("skopeo")
        .run(
            "copy",
            "--all",
            "--dest-tls-verify=false",
            "oci:%s:%s".formatted(layout.directory(), TAG),
            "docker://%s/%s:%s".formatted(registry.hostAndPort(), IMAGE, TAG));
  }

  private ServerConfig configuration(Path data) {
    var defaults = ServerConfig.DEFAULTS;
    var loopback = new HostPort("127.0.0.1", 0);
    var hub =
        UpstreamConfig.of(UpstreamConfig.DOCKER_HUB)
            .at(URI.create("http://" + registry.hostAndPort()));
    return new ServerConfig(
            data,
            new ServerConfig.Grpc(loopback),
            defaults.http().withListen(loopback),
            defaults.storage(),
            defaults.limits())
        .withUpstreams(List.of(hub));
  }

  /** Of the mirror. */
  String address() {
    return mirror.httpAddress().toString();
  }

  /** Of the mirror's gRPC door. */
  String grpcAddress() {
    return mirror.grpcAddress().toString();
  }

  /** What was pushed to the registry. */
  Map<String, Long> blobs() throws IOException {
    return ImageLayout.blobs(layout.directory());
  }

  /** How often the registry gave each blob. */
  Map<String, Long> blobRequests() throws IOException {
    return BLOB_GET
        .matcher(registry.log())
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  /** The registry gave something, and nothing twice. */
  void requireNothingTwice() throws IOException {
    assertThat(blobRequests()).isNotEmpty().allSatisfy((blob, times) -> assertThat(times).isOne());
  }

  @Override
  public void close() throws IOException {
    mirror.close();
    registry.close();
  }
}

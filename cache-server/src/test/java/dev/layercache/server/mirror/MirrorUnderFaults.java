package dev.layercache.server.mirror;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.UpstreamInfo;
import dev.layercache.oci.Digest;
import dev.layercache.server.agent.SampleImage;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.clients.DockerRegistry;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.proxy.Exchange;
import dev.layercache.server.proxy.FaultProxy;
import dev.layercache.server.upstream.PlainRegistry;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A server that mirrors a real registry, with a proxy between the two that fails as it is told.
 * Tags are compared with the registry at each request, and an answer is waited for for a second.
 */
public final class MirrorUnderFaults implements AutoCloseable {
  /** What the mirror calls the registry. */
  public static final String UPSTREAM = "upstream.test";

  private static final String REPOSITORY = "team/app";

  private final Path directory;
  private final DockerRegistry registry;
  private final FaultProxy proxy;
  private HostPort grpc = new HostPort("127.0.0.1", 0);
  private HostPort http = new HostPort("127.0.0.1", 0);
  private LayercacheServer server;

  /**
   * Starts all three.
   *
   * @param directory takes what they store
   */
  public MirrorUnderFaults(Path directory) throws Exception {
    this.directory = directory;
    registry = DockerRegistry.start(Files.createDirectories(directory.resolve("upstream")));
    proxy = new FaultProxy(registry.address());
    server = start();
  }

  private LayercacheServer start() throws Exception {
    var config =
        new ConfigLoader()
            .flag(ConfigKey.DATA, "--data", directory.resolve("mirror").toString())
            .flag(ConfigKey.GRPC_LISTEN, "--grpc", grpc.toString())
            .flag(ConfigKey.HTTP_LISTEN, "--http", http.toString())
            .flag(ConfigKey.LIMITS_DRAIN_SECONDS, "drain", "0")
            .load();
    var upstream =
        new UpstreamConfig(
            UPSTREAM,
            URI.create(proxy.url()),
            true,
            UpstreamConfig.Login.ANONYMOUS,
            Optional.empty(),
            List.of(),
            Duration.ZERO,
            8,
            Duration.ofSeconds(1));
    return LayercacheServer.start(config.withUpstreams(List.of(upstream)));
  }

  /** Stops the server as SIGTERM does. */
  public void stop() {
    grpc = server.grpcAddress();
    http = server.httpAddress();
    server.close();
  }

  /** Starts it again on what it stored, at the same addresses. */
  public void startAgain() throws Exception {
    server = start();
  }

  public FaultProxy proxy() {
    return proxy;
  }

  /** Pushes an image to the registry, around the proxy. */
  public SampleImage push(String tag, SampleBlob config, SampleBlob layer) throws Exception {
    var image = new SampleImage(config, layer);
    image.pushTo(new PlainRegistry(registry.address().getPort()), REPOSITORY, tag);
    return image;
  }

  /** Begins to pull a manifest. */
  HashingPull manifest(String reference) throws Exception {
    return new HashingPull(
        server.httpAddress(), "/v2/%s/%s/manifests/%s".formatted(UPSTREAM, REPOSITORY, reference));
  }

  /** Begins to pull a blob. */
  HashingPull blob(Digest digest) throws Exception {
    return new HashingPull(
        server.httpAddress(), "/v2/%s/%s/blobs/%s".formatted(UPSTREAM, REPOSITORY, digest));
  }

  /** Requests for a blob that the registry, or the proxy in its place, got. */
  public List<Exchange> requests(Digest blob) {
    return proxy.exchanges("/blobs/" + blob).stream()
        .filter(exchange -> exchange.method().equals("GET"))
        .toList();
  }

  /** Of the server. */
  public String grpcAddress() {
    return server.grpcAddress().toString();
  }

  /** What the server counted since it started. */
  public UpstreamInfo statistics() throws Exception {
    try (var client = LayercacheClient.connect(ClientOptions.server(grpcAddress()))) {
      return client.upstreams().getFirst();
    }
  }

  /** Whether the server has the blob itself. */
  boolean isStored(Digest blob) throws Exception {
    try (var client = LayercacheClient.connect(ClientOptions.server(grpcAddress()))) {
      return !client.find(List.of(blob), true).isEmpty();
    }
  }

  @Override
  public void close() throws Exception {
    server.close();
    proxy.close();
    registry.close();
  }
}

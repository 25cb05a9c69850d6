package dev.layercache.server.app;

import dev.layercache.server.agent.Agent;
import dev.layercache.server.agent.AgentOptions;
import dev.layercache.server.agent.Parent;
import dev.layercache.server.blob.BlobCounters;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.MeteredBlobStore;
import dev.layercache.server.config.DiskShare;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.PrefetchConfig;
import dev.layercache.server.config.ServerConfig;
import dev.layercache.server.fill.FillLimits;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.grpc.BlobsService;
import dev.layercache.server.grpc.GrpcDoor;
import dev.layercache.server.grpc.ImagesService;
import dev.layercache.server.grpc.IntegrityService;
import dev.layercache.server.grpc.MirrorsService;
import dev.layercache.server.grpc.RetentionService;
import dev.layercache.server.http.RegistryDoor;
import dev.layercache.server.http.wire.AccessLog;
import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.image.Images;
import dev.layercache.server.integrity.Scrubber;
import dev.layercache.server.integrity.Verification;
import dev.layercache.server.mirror.LinkedBlobs;
import dev.layercache.server.mirror.Mirror;
import dev.layercache.server.mirror.Origins;
import dev.layercache.server.prefetch.ImagePins;
import dev.layercache.server.prefetch.PrefetchOrder;
import dev.layercache.server.prefetch.Prefetcher;
import dev.layercache.server.prefetch.WarmImages;
import dev.layercache.server.retention.Retention;
import dev.layercache.server.retention.RetentionRules;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import dev.layercache.server.upstream.Upstreams;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: the one place where its parts are made and handed to each other. Whoever starts
 * it closes it. Thread-safe.
 */
public final class LayercacheServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LayercacheServer.class);

  /** What was opened, newest first; closed in this order, so doors drain before stores close. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final HostPort grpcAddress;
  private final HostPort httpAddress;

  private LayercacheServer(ServerConfig config, Optional<AgentOptions> asAgent, Clock clock)
      throws IOException {
    try {
      var store = own(RocksStore.open(config.data(), storeOptions(config), clock));
      var counters = new BlobCounters();
      store.onQuarantine(digest -> counters.foundDamaged());
      var blobs = new MeteredBlobStore(store.blobs(), counters);
      own(new UploadExpiry(blobs, clock));
      var parent = asAgent.map(settings -> own(Parent.at(settings.parent(), clock)));
      var upstreams = own(Upstreams.of(config.upstreams(), clock));
      var fills = own(new Fills(blobs, FillLimits.DEFAULT, clock));
      var agent = parent.map(to -> new Agent(to, blobs, fills, asAgent.orElseThrow()));
      Origins origins = agent.map(Agent::origins).orElse(upstreams);
      var rules = new RetentionRules(config.storage().retention().rules(), origins::isCopy);
      var images =
          new Images(blobs, store.metadata(), clock, origins, store.eviction(), rules::isImmutable);
      var retention =
          own(
              new Retention(
                  store.blobs(),
                  store.eviction(),
                  store.budget(),
                  store.metadata(),
                  images,
                  config.storage().retention(),
                  rules,
                  clock));
      var content = new Mirror(blobs, images, origins, fills, store.metadata(), clock);
      var linked = new LinkedBlobs(blobs, images, origins, fills);
      BlobStore overGrpc = agent.map(Agent::blobs).orElse(linked);
      BlobStore pushed = agent.map(Agent::blobs).orElse(blobs);
      BlobsService.Readable readable = agent.isPresent() ? overGrpc::stat : linked::statReadable;
      var prefetcher = new Prefetcher(content, origins, blobs, fills, pins(retention));
      var services =
          List.of(
              new ImagesService(content, images, blobs, counters, clock),
              new MirrorsService(prefetcher, fills, upstreams::statistics),
              new BlobsService(blobs, readable),
              integrity(config, store, blobs, clock),
              new RetentionService(retention, images));
      grpcAddress = own(GrpcDoor.open(config, overGrpc, services)).address();
      var listen = config.http().listen();
      var accessLog = config.http().accessLog() ? AccessLog.toLogger() : AccessLog.OFF;
      var registry =
          own(
              RegistryDoor.start(
                  pushed,
                  images,
                  content,
                  httpLimits(config),
                  accessLog,
                  listen.host(),
                  listen.port()));
      httpAddress = listen.withPort(registry.port());
      keepWarm(config.prefetch(), prefetcher, clock);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static ImagePins pins(Retention retention) {
    return (repository, reference, length) ->
        retention.pins().pin(repository, reference, Optional.of(length));
  }

  private void keepWarm(PrefetchConfig config, Prefetcher prefetcher, Clock clock) {
    if (!config.images().isEmpty()) {
      var order = new PrefetchOrder(config.images(), config.platforms(), config.pin(), false);
      own(new WarmImages(prefetcher, order, config.interval(), config.requestsPerHour(), clock));
    }
  }

  private static long budget(ServerConfig config) throws IOException {
    Files.createDirectories(config.data());
    long volume = Files.getFileStore(config.data()).getTotalSpace();
    long budget = config.storage().budget().bytes(volume);
    if (budget < DiskShare.LEAST.bytes()) {
      LOG.warn(
          "the budget is {} bytes, which the database may pass by itself (expected: at least {})",
          budget,
          DiskShare.LEAST);
    }
    return budget;
  }

  private IntegrityService integrity(
      ServerConfig config, RocksStore store, BlobStore blobs, Clock clock) throws IOException {
    var inventory = store.inventory();
    long rate = config.integrity().scrubRate().bytes();
    var scrubber = own(Scrubber.start(inventory, store.metadata(), clock, rate));
    return new IntegrityService(
        new Verification(inventory), inventory, blobs, blobs, scrubber::state, store::backup);
  }

  private static HttpLimits httpLimits(ServerConfig config) {
    var http = config.http();
    return HttpLimits.DEFAULT
        .withConnections(http.maxConnections())
        .withHeader((int) http.maxHeaderSize().bytes(), http.header())
        .withKeepAlive(http.idle())
        .withBody(http.body(), http.minBodyRate().bytes())
        .withSendIdle(config.limits().stall())
        .withDrain(config.limits().drain());
  }

  /**
   * Opens the data directory and starts to listen.
   *
   * @throws IOException if the data directory or an address cannot be used; nothing is left open
   * @throws IllegalArgumentException if a limit does not fit this process's memory
   */
  public static LayercacheServer start(ServerConfig config) throws IOException {
    return new LayercacheServer(config, Optional.empty(), Clock.systemUTC());
  }

  /**
   * As {@link #start}, in front of another server, which need not be reachable yet.
   *
   * @throws IllegalArgumentException if the parent's address is malformed, too
   */
  public static LayercacheServer startAgent(ServerConfig config, AgentOptions options)
      throws IOException {
    return new LayercacheServer(config, Optional.of(options), Clock.systemUTC());
  }

  /** Where gRPC is served, with the port that was picked. */
  public HostPort grpcAddress() {
    return grpcAddress;
  }

  /** Where HTTP is served, with the port that was picked. */
  public HostPort httpAddress() {
    return httpAddress;
  }

  /**
   * Takes no further request, lets those in progress end within {@link
   * ServerConfig.Limits#drain()}, then closes the stores. Idempotent.
   */
  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.warn("a part was not closed cleanly", e);
      }
    }
  }

  private static StoreOptions storeOptions(ServerConfig config) throws IOException {
    var resources = config.resources();
    var options =
        StoreOptions.DEFAULTS.toBuilder()
            .maxBlobBytes(config.storage().maxBlobSize().bytes())
            .budgetBytes(budget(config))
            .reserveBytes(config.storage().reserve().bytes())
            .maxUploads(resources.uploads())
            .maxWriters(resources.uploadWriters())
            .databaseBytes(resources.databaseMemory().bytes());
    return (resources.openFiles() == 0 ? options : options.openFiles(resources.openFiles()))
        .build();
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }
}

package dev.layercache.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.load.data.Blob;
import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.fleet.Day;
import dev.layercache.load.fleet.Fleet;
import dev.layercache.load.fleet.LowerBound;
import dev.layercache.load.fleet.Site;
import dev.layercache.load.grpc.BlobTransfers;
import dev.layercache.load.grpc.CallLoop;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.grpc.Methods;
import dev.layercache.load.grpc.Requests;
import dev.layercache.load.grpc.SmallBlobs;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.http.RequestLoop;
import dev.layercache.load.net.Relay;
import dev.layercache.load.net.Wire;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The drivers against a real server in this process: what they report is what was moved. */
class DriversTest {
  private static final String REPOSITORY = "bench/test";
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final HostPort ANY = new HostPort("127.0.0.1", 0);

  private final BlobFactory blobs = new BlobFactory(1);

  @TempDir private Path directory;
  private LayercacheServer server;

  @BeforeEach
  void start() throws IOException {
    var defaults = ServerConfig.DEFAULTS;
    server =
        LayercacheServer.start(
            new ServerConfig(
                directory,
                new ServerConfig.Grpc(ANY),
                ServerConfig.DEFAULTS.http().withListen(ANY),
                defaults.storage(),
                defaults.limits()));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aPushedBlobIsPulledAndFound() throws IOException {
    var blob = blobs.make(3_000_001);
    try (var client = new RegistryClient(http(), REPOSITORY)) {
      assertThat(client.has(blob.digest())).isFalse();
      client.push(blob);
      assertThat(client.has(blob.digest())).isTrue();
      client.pullVerified(blob);
      long before = client.socketBytes();
      client.pull(blob);
      assertThat(client.socketBytes() - before).isBetween(blob.size(), blob.size() + 2_000);
    }
  }

  @Test
  void aPullOfWhatIsNotThereFails() throws IOException {
    try (var client = new RegistryClient(http(), REPOSITORY)) {
      assertThatThrownBy(() -> client.pull(blobs.make(10)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("status 404 (expected: 200)");
    }
  }

  @Test
  void requestsInALoopAreCounted() throws IOException {
    var blob = blobs.make(4096);
    try (var client = new RegistryClient(http(), REPOSITORY)) {
      client.push(blob);
    }
    for (var method : List.of("HEAD", "GET")) {
      var request = RegistryClient.request(method, REPOSITORY, blob.digest());
      boolean get = method.equals("GET");
      var load = new RequestLoop(http(), List.of(request), 4096, get).run(8, SHORT);
      assertThat(load.operations()).isGreaterThanOrEqualTo(8);
      assertThat(load.latencies().count()).isEqualTo(load.operations());
      assertThat(load.socketBytes())
          .isGreaterThan(load.operations() * (request.length + (get ? 4096 : 0)));
    }
  }

  @Test
  void aLoopFailsWhenAResponseIsNotAsExpected() {
    var request = RegistryClient.request("GET", REPOSITORY, blobs.make(10).digest());
    assertThatThrownBy(() -> new RequestLoop(http(), List.of(request), 10, true).run(2, SHORT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("status 404");
  }

  @Test
  void blobsGoUpAndDownByGrpc() throws Exception {
    var made = blobs.make(3, 2_500_003);
    long bytes = 3 * 2_500_003L;
    try (var channels = new Channels(grpc(), 2)) {
      var transfers = new BlobTransfers(channels);
      var upload = transfers.upload(made);
      assertThat(upload.payloadBytes()).isEqualTo(bytes);
      assertThat(upload.socketBytes()).isBetween(bytes, bytes * 101 / 100);
      var download = transfers.download(made);
      assertThat(download.operations()).isEqualTo(3);
      assertThat(download.payloadBytes()).isEqualTo(bytes);
      assertThat(download.socketBytes()).isBetween(bytes, bytes * 101 / 100);
      transfers.verify(made.getFirst());
    }
  }

  @Test
  void aTransferThatFailsEndsTheLoad() {
    try (var channels = new Channels(grpc(), 1)) {
      assertThatThrownBy(() -> new BlobTransfers(channels).download(List.of(blobs.make(10))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("NOT_FOUND");
    }
  }

  @Test
  void smallCallsAreChecked() throws Exception {
    var stored = blobs.make(10, 4096);
    try (var channels = new Channels(grpc(), 2)) {
      SmallBlobs.store(channels, stored);
      var find = Requests.findMissing(stored);
      var found =
          new CallLoop(channels, Methods.FIND_MISSING, call -> find, answer -> answer.length == 0)
              .run(4, SHORT);
      assertThat(found.operations()).isGreaterThanOrEqualTo(4);
      var updated =
          new CallLoop(channels, Methods.BATCH_UPDATE, call -> update(), Requests::stored)
              .run(4, SHORT);
      assertThat(updated.operations()).isGreaterThanOrEqualTo(4);
      var wrong =
          new CallLoop(channels, Methods.FIND_MISSING, call -> find, answer -> answer.length > 0);
      assertThatThrownBy(() -> wrong.run(4, SHORT)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void batchesAndWholeWritesAreChecked() throws Exception {
    var made = blobs.make(3, 4096);
    try (var channels = new Channels(grpc(), 1)) {
      once(channels, Methods.BATCH_UPDATE, Requests.batchUpdate(made), r -> Requests.stored(r, 3));
      var written = blobs.make(4096);
      once(
          channels,
          Methods.WRITE_SMALL,
          Requests.writeWhole(written),
          response -> Requests.written(response, 4096));
      once(
          channels,
          Methods.BATCH_READ,
          Requests.batchRead(List.of(made.getFirst(), written)),
          response -> response.length > 2 * 4096);
      var absent = Requests.batchRead(List.of(blobs.make(4096)));
      assertThatThrownBy(
              () -> once(channels, Methods.BATCH_READ, absent, answer -> answer.length > 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("0 as expected");
    }
  }

  private static void once(
      Channels channels,
      MethodDescriptor<byte[], byte[]> method,
      byte[] request,
      Predicate<byte[]> expected)
      throws Exception {
    new CallLoop(channels, method, call -> request, expected).run(1, Duration.ofNanos(1));
  }

  @Test
  void aFleetMovesNoMoreThanItMust() throws Exception {
    var day = new Day(blobs, 1, 3, 64 << 10);
    Fleet.prepare(http(), day);
    var wire = Wire.unlimited();
    try (var relay = Relay.start(http(), wire)) {
      var site = new Site(relay.address(), "", relay.address(), true);
      var load = new Fleet(site, 1, wire::bytes).run(day);
      var bound = new LowerBound();
      day.rounds().forEach(bound::after);
      long least = bound.bytes() - bound.upstreamBytes();
      assertThat(load.operations()).isEqualTo(3);
      assertThat(load.socketBytes()).isBetween(least, least + 3 * 32_000);
    }
  }

  private byte[] update() {
    Blob blob = blobs.make(4096);
    return Requests.batchUpdate(blob);
  }

  private InetSocketAddress http() {
    return new InetSocketAddress(server.httpAddress().host(), server.httpAddress().port());
  }

  private InetSocketAddress grpc() {
    return new InetSocketAddress(server.grpcAddress().host(), server.grpcAddress().port());
  }
}

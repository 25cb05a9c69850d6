package dev.layercache.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.layercache.client.BlobContent;
import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.LayercacheException;
import dev.layercache.client.PullOptions;
import dev.layercache.client.TransferListener;
import dev.layercache.client.TransferReport;
import dev.layercache.client.image.ImageDestination;
import dev.layercache.client.image.OciLayout;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.BlobCounters;
import dev.layercache.server.blob.MeteredBlobStore;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import dev.layercache.server.grpc.GrpcDoor;
import dev.layercache.server.grpc.ImagesService;
import dev.layercache.server.image.Images;
import dev.layercache.server.mirror.StoredContent;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client library against the durable store behind the gRPC door. */
@Timeout(120)
class ClientIntegrationTest {
  private static final ImageReference APP = ImageReference.parse("team/app:1");

  @TempDir private Path directory;
  private RunningServer server;

  /** Store and door; closing it is a clean stop. */
  private record RunningServer(RocksStore store, GrpcDoor door) implements AutoCloseable {
    static RunningServer start(Path data, int port) throws IOException {
      var defaults = ServerConfig.DEFAULTS;
      var config =
          new ServerConfig(
              data,
              new ServerConfig.Grpc(new HostPort("127.0.0.1", port)),
              defaults.http(),
              defaults.storage(),
              new ServerConfig.Limits(64, 64, Duration.ofMillis(200), Duration.ofSeconds(30)));
      var store = RocksStore.open(data, StoreOptions.DEFAULTS, Clock.systemUTC());
      var counters = new BlobCounters();
      var blobs = new MeteredBlobStore(store.blobs(), counters);
      var images = new Images(blobs, store.metadata(), Clock.systemUTC());
      var service =
          new ImagesService(
              new StoredContent(blobs, images), images, blobs, counters, Clock.systemUTC());
      return new RunningServer(store, GrpcDoor.open(config, blobs, List.of(service)));
    }

    int port() {
      return door.address().port();
    }

    @Override
    public void close() {
      door.close();
      store.close();
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = RunningServer.start(directory.resolve("data"), 0);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private LayercacheClient client() throws LayercacheException {
    return LayercacheClient.connect(
        ClientOptions.server("127.0.0.1:" + server.port())
            .withRetries(20, Duration.ofMillis(50), Duration.ofMillis(500)));
  }

  @Test
  void blobsOfEverySizeComeBack() throws IOException {
    try (var client = client()) {
      for (int size : new int[] {0, 1, 5_000, 1 << 20, (1 << 20) + 1, (9 << 20) + 77}) {
        byte[] content = random(size, size);
        var blob = layer(content);
        client.upload(blob, BlobContent.of(content));
        assertThat(client.findMissing(List.of(blob))).isEmpty();
        assertThat(client.upload(blob, BlobContent.of(content))).isFalse();

        Path file = directory.resolve("blob-" + size);
        client.download(blob, file);
        assertThat(file).hasBinaryContent(content);
      }
    }
  }

  @Test
  void blobsNamedBySha512ComeBack() throws IOException {
    byte[] content = random(3 << 20, 1);
    var hash = DigestAlgorithm.SHA512.newHash();
    hash.update(content);
    var blob =
        new Descriptor(
            MediaTypes.OCI_LAYER, Digest.of(DigestAlgorithm.SHA512, hash), content.length);
    try (var client = client()) {
      assertThat(client.upload(blob, BlobContent.of(content))).isTrue();
      Path file = directory.resolve("blob");
      client.download(blob, file);
      assertThat(file).hasBinaryContent(content);
    }
  }

  @Test
  void wrongContentIsRefusedAndLeavesNothing() throws IOException {
    var blob = layer(random(3 << 20, 1));
    try (var client = client()) {
      assertThatThrownBy(() -> client.upload(blob, BlobContent.of(random(3 << 20, 2))))
          .asInstanceOf(type(LayercacheException.class))
          .returns(LayercacheException.Kind.INVALID, LayercacheException::kind);
      assertThat(client.findMissing(List.of(blob))).containsExactly(blob);
      assertThat(client.uploads()).isEmpty();
    }
  }

  @Test
  void anUploadSurvivesARestartOfTheServer() throws IOException {
    byte[] content = random(24 << 20, 1);
    var offsets = new CopyOnWriteArrayList<Long>();
    BlobContent restarting =
        offset -> {
          offsets.add(offset);
          var in = BlobContent.of(content).open(offset);
          return offsets.size() > 1
              ? in
              : new FilterInputStream(in) {
                private long read;

                @Override
                public int read(byte[] target, int from, int length) throws IOException {
                  if (read >= 12 << 20) {
                    restart();
                    read = Long.MIN_VALUE;
                  }
                  int now = super.read(target, from, length);
                  read += now;
                  return now;
                }
              };
        };
    try (var client = client()) {
      assertThat(client.upload(layer(content), restarting)).isTrue();
      Path file = directory.resolve("blob");
      client.download(layer(content), file);
      assertThat(file).hasBinaryContent(content);
    }
    assertThat(offsets).hasSizeGreaterThan(1);
    assertThat(offsets.get(offsets.size() - 1)).isPositive();
  }

  private void restart() throws IOException {
    int port = server.port();
    server.close();
    server = RunningServer.start(directory.resolve("data"), port);
  }

  @Test
  void anUpdatedImageMovesOnlyTheChangedLayer() throws IOException {
    byte[] base = random(8 << 20, 1);
    byte[] changed = random(400_000, 3);
    Path from = directory.resolve("from");
    Path to = directory.resolve("to");
    try (var client = client();
        var destination = OciLayout.destination(to, Optional.empty())) {
      writeImage(from, "1", base, random(300_000, 2));
      push(client, from, "1");
      client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);

      var manifest = writeImage(from, "2", base, changed);
      long moved = changed.length + manifest.size();
      var pushed = push(client, from, "2");
      var pulled = client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);

      assertThat(pushed.bytesTransferred()).isEqualTo(moved);
      assertThat(pushed.layersTransferred()).isEqualTo(1);
      assertThat(pulled.bytesTransferred()).isEqualTo(moved);
      assertThat(pulled.root().digest()).isEqualTo(manifest.digest());
      assertThat(client.resolve(APP).manifest().digest()).isEqualTo(manifest.digest());
      assertThat(client.tags("team/app")).extracting(tag -> tag.name()).containsExactly("1");
      assertThat(client.inspect(APP).images().get(0).layers()).hasSize(2);
      assertThat(client.statistics().blobs()).isEqualTo(6);
    }
    assertThat(to.resolve("blobs/sha256").resolve(Digest.of(changed).hex()))
        .hasBinaryContent(changed);
  }

  private static TransferReport push(LayercacheClient client, Path layout, String tag)
      throws IOException {
    try (var source = OciLayout.source(layout, Optional.of(tag))) {
      return client.pushImage(source, APP, TransferListener.NONE);
    }
  }

  /** An image of these layers in a layout; its manifest. */
  private static Descriptor writeImage(Path layout, String tag, byte[]... layers)
      throws IOException {
    Files.createDirectories(layout);
    try (var destination = OciLayout.destination(layout, Optional.of(tag))) {
      var config =
          put(
              destination,
              MediaTypes.OCI_CONFIG,
              "{\"os\":\"linux\",\"architecture\":\"amd64\"}".getBytes(StandardCharsets.UTF_8));
      var entries = new StringBuilder();
      for (byte[] layer : layers) {
        entries
            .append(entries.isEmpty() ? "" : ",")
            .append(json(put(destination, MediaTypes.OCI_LAYER, layer)));
      }
      var manifest =
          put(
              destination,
              MediaTypes.OCI_MANIFEST,
              "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                  .formatted(MediaTypes.OCI_MANIFEST, json(config), entries)
                  .getBytes(StandardCharsets.UTF_8));
      destination.finish(manifest, Optional.of(tag));
      return manifest;
    }
  }

  private static Descriptor put(ImageDestination destination, String mediaType, byte[] content)
      throws IOException {
    var blob = new Descriptor(mediaType, Digest.of(content), content.length);
    if (!destination.has(blob)) {
      try (var partial = destination.begin(blob)) {
        partial.write(ByteBuffer.wrap(content));
        partial.commit();
      }
    }
    return blob;
  }

  private static String json(Descriptor blob) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(blob.mediaType(), blob.digest(), blob.size());
  }

  private static Descriptor layer(byte[] content) {
    return new Descriptor(MediaTypes.OCI_LAYER, Digest.of(content), content.length);
  }

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}

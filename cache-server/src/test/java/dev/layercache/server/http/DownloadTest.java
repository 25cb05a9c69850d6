package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.WatchedStore;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import dev.layercache.server.http.wire.AccessLog;
import dev.layercache.server.http.wire.HttpLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the bytes of large blobs go out, and what happens when the client does not take them. */
class DownloadTest {
  private static final int SIZE = 48 << 20;

  @TempDir Path directory;

  private static WatchedStore store(Optional<Path> file) {
    return new WatchedStore(new MemoryBlobStore(1L << 30, Clock.systemUTC()), file);
  }

  private static byte[] random(int size) {
    byte[] content = new byte[size];
    new Random(5).nextBytes(content);
    return content;
  }

  private static void awaitNoReader(WatchedStore store) throws InterruptedException {
    for (int i = 0; i < 1000 && store.openReaders() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(store.openReaders()).isZero();
  }

  @Test
  void aClientThatVanishesStopsTheReadingAtOnce() throws Exception {
    var store = store(Optional.empty());
    try (var registry = TestRegistry.start(store, HttpLimits.DEFAULT);
        var client = new TestClient(registry)) {
      var digest = client.pushBlob("a", random(SIZE));
      try (var raw = new RawConnection(registry.port())) {
        raw.send("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
        raw.headOfReply().expect(200);
        raw.input().readNBytes(100_000);
        raw.reset();
      }
      awaitNoReader(store);
      assertThat(store.bytesRead()).isLessThan(SIZE);
    }
  }

  @Test
  void aSlowClientHoldsLittleMemory() throws Exception {
    var store = store(Optional.empty());
    try (var registry = TestRegistry.start(store, HttpLimits.DEFAULT);
        var client = new TestClient(registry)) {
      var digest = client.pushBlob("a", random(SIZE));
      try (var raw = new RawConnection(registry.port())) {
        raw.send("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
        raw.headOfReply().expect(200);
        Thread.sleep(500);
        assertThat(store.bytesRead()).isLessThan(SIZE / 2);
        assertThat(Digest.of(raw.input().readNBytes(SIZE))).isEqualTo(digest);
      }
      awaitNoReader(store);
    }
  }

  @Test
  void fileRegionsAreSentWholeAndTheFileStaysTheReaders() throws Exception {
    byte[] content = random(SIZE);
    Path file = Files.write(directory.resolve("blob"), content);
    var store = store(Optional.of(file));
    try (var registry = TestRegistry.start(store, HttpLimits.DEFAULT);
        var client = new TestClient(registry)) {
      var digest = client.pushBlob("a", content);
      String path = "/v2/a/blobs/" + digest;
      assertThat(Digest.of(client.get(path).expect(200).body())).isEqualTo(digest);
      var range = client.get(path, "Range", "bytes=1000001-9000000").expect(206);
      assertThat(range.body()).isEqualTo(Arrays.copyOfRange(content, 1_000_001, 9_000_001));
      assertThat(store.regions()).isGreaterThan(40);
      try (var raw = new RawConnection(registry.port())) {
        raw.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
        raw.headOfReply().expect(200);
        raw.reset();
      }
      awaitNoReader(store);
    }
  }

  @Test
  void manyDownloadsShareFewBuffers() throws Exception {
    var few = limits(4);
    var store = store(Optional.empty());
    try (var registry = TestRegistry.start(store, few);
        var client = new TestClient(registry);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      byte[] content = random(4 << 20);
      var digest = client.pushBlob("a", content);
      var downloads = new ArrayList<Future<Digest>>();
      for (int i = 0; i < 32; i++) {
        downloads.add(
            threads.submit(
                () -> Digest.of(client.get("/v2/a/blobs/" + digest).expect(200).body())));
      }
      for (var download : downloads) {
        assertThat(download.get()).isEqualTo(digest);
      }
      awaitNoReader(store);
    }
  }

  private static HttpLimits limits(int sendBuffers) {
    var d = HttpLimits.DEFAULT;
    return new HttpLimits(
        d.maxConnections(),
        d.maxRequestLine(),
        d.maxHeader(),
        d.headerDeadline(),
        d.keepAlive(),
        d.bodyIdle(),
        d.bodyGrace(),
        d.minBodyRate(),
        d.sendIdle(),
        d.linger(),
        d.drain(),
        d.maxQueuedBody(),
        sendBuffers);
  }

  @Test
  void closingLetsADownloadEnd() throws Exception {
    var store = store(Optional.empty());
    var registry = TestRegistry.start(store, HttpLimits.DEFAULT);
    try (var client = new TestClient(registry);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      byte[] content = random(SIZE);
      var digest = client.pushBlob("a", content);
      try (var raw = new RawConnection(registry.port());
          var idle = new RawConnection(registry.port())) {
        raw.send("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
        raw.headOfReply().expect(200);
        var closing = threads.submit(registry::close);
        assertThat(idle.isEndedByServer()).isTrue();
        assertThat(Digest.of(raw.input().readNBytes(SIZE))).isEqualTo(digest);
        assertThat(raw.isEndedByServer()).isTrue();
        closing.get();
      }
      assertThat(store.openReaders()).isZero();
    }
  }

  @Test
  void closingBreaksOffWhatDoesNotEnd() throws Exception {
    var store = store(Optional.empty());
    var registry = TestRegistry.start(store, HttpLimits.DEFAULT.withDrain(Duration.ofMillis(200)));
    try (var client = new TestClient(registry)) {
      var digest = client.pushBlob("a", random(SIZE));
      try (var stuck = new RawConnection(registry.port());
          var sending = new RawConnection(registry.port())) {
        sending.send(
            "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"
                .formatted(client.begin("a")));
        stuck.send("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
        stuck.headOfReply().expect(200);
        registry.close();
        assertThat(store.openReaders()).isZero();
        assertThat(sending.isEndedByServer()).isTrue();
      }
    }
  }

  @Test
  void aPortInUseIsAnError() throws IOException {
    try (var registry = TestRegistry.start()) {
      assertThatThrownBy(
              () ->
                  RegistryDoor.start(
                      registry.blobs,
                      registry.images,
                      HttpLimits.DEFAULT,
                      AccessLog.OFF,
                      "127.0.0.1",
                      registry.port()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("" + registry.port());
    }
  }
}

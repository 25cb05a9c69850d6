package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that send or take bytes too slowly, and the healthy ones beside them. */
class SlowClientTest {
  private static final HttpLimits HASTY =
      new HttpLimits(
          20_000,
          16 << 10,
          32 << 10,
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          1_000_000,
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          1 << 20,
          64);

  /** Connections that drip; {@code -Dlayercache.drips=9900} is the full measure. */
  private static final int DRIPS = Integer.getInteger("layercache.drips", 500);

  private static final int HEALTHY = 100;

  @Test
  void aHeaderThatDoesNotEndIsATimeout() throws Exception {
    try (var registry = TestRegistry.start(HASTY);
        var raw = new RawConnection(registry.port())) {
      raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nA: ").reply().expectError(408, "UNSUPPORTED");
      assertThat(raw.isEndedByServer()).isTrue();
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    try (var registry = TestRegistry.start(HASTY);
        var silent = new RawConnection(registry.port());
        var used = new RawConnection(registry.port())) {
      used.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(200);
      assertThat(silent.isEndedByServer()).isTrue();
      assertThat(used.isEndedByServer()).isTrue();
    }
  }

  @Test
  void aBodyThatStopsIsATimeoutAndTheUploadStays() throws Exception {
    try (var registry = TestRegistry.start(HASTY);
        var client = new TestClient(registry);
        var raw = new RawConnection(registry.port())) {
      String location = client.begin("a");
      raw.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
      raw.reply().expectError(408, "UNSUPPORTED");
      assertThat(raw.isEndedByServer()).isTrue();
      assertThat(client.get(location).expect(204).header("Range")).isEqualTo("0-2");
    }
  }

  @Test
  void aBodyThatDripsIsATimeout() throws Exception {
    try (var registry = TestRegistry.start(HASTY);
        var client = new TestClient(registry);
        var raw = new RawConnection(registry.port())) {
      raw.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
              .formatted(client.begin("a")));
      var drip = dripping(List.of(raw.socket), 50);
      try {
        raw.reply().expectError(408, "UNSUPPORTED");
      } finally {
        drip.close();
      }
    }
  }

  @Test
  void aClientThatTakesNothingLosesItsConnection() throws Exception {
    try (var registry = TestRegistry.start(HASTY);
        var client = new TestClient(registry)) {
      var digest = client.pushBlob("a", new byte[64 << 20]);
      try (var raw = new RawConnection(registry.port())) {
        raw.send("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
        raw.headOfReply().expect(200);
        Thread.sleep(1500);
        assertThat(readAll(raw)).isLessThan(64 << 20);
      }
    }
  }

  private static long readAll(RawConnection raw) {
    long total = 0;
    try {
      byte[] buffer = new byte[1 << 16];
      for (int n = raw.input().read(buffer); n >= 0; n = raw.input().read(buffer)) {
        total += n;
      }
    } catch (IOException reset) {
      return total;
    }
    return total;
  }

  /**
   * A drip must not reach the disk: each would take one of a few writers, and with it the permits
   * that reads wait for.
   */
  @Test
  void healthyClientsAreServedBesideManyThatDrip(@TempDir Path data) throws Exception {
    var options =
        StoreOptions.DEFAULTS.toBuilder()
            .smallBufferBytes(1 << 20)
            .maxWriters(2)
            .presenceEntries(16)
            .build();
    var sockets = new ArrayList<Socket>();
    try (var store = RocksStore.open(data, options, Clock.systemUTC());
        var registry =
            TestRegistry.start(
                store.blobs(), HttpLimits.DEFAULT.withDrain(Duration.ofMillis(100)));
        var client = new TestClient(registry)) {
      var digest = client.pushBlob("a", new byte[4096]);
      for (int i = 0; i < DRIPS; i++) {
        var socket = new Socket("127.0.0.1", registry.port());
        sockets.add(socket);
        String head =
            i % 2 == 0
                ? "GET /v2/ HTTP/1.1\r\nHost: x\r\nA: "
                : "POST /v2/a/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                    .formatted(Digest.of(new byte[] {1}), 1 << 20);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      }
      try (var drip = dripping(sockets, 1000)) {
        assertThat(drip.isRunning()).isTrue();
        for (int round = 0; round < 5; round++) {
          for (int i = 0; i < HEALTHY; i++) {
            try (var raw = new RawConnection(registry.port())) {
              raw.send("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
              assertThat(raw.reply().expect(200).body()).hasSize(4096);
            }
          }
          client.pushBlob(
              "a", ("healthy " + round).repeat(100_000).getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(drip.rounds.await(1, TimeUnit.MINUTES)).isTrue();
      }
      assertThat(data.resolve("staging")).isEmptyDirectory();
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void aConnectionTooManyIsToldSo() throws Exception {
    var few =
        new HttpLimits(
            2,
            16 << 10,
            32 << 10,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            1,
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            1 << 20,
            64);
    try (var registry = TestRegistry.start(few);
        var one = new RawConnection(registry.port());
        var two = new RawConnection(registry.port())) {
      one.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(200);
      two.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(200);
      try (var three = new RawConnection(registry.port())) {
        var reply = three.reply().expectError(503, "UNAVAILABLE");
        assertThat(reply.header("Retry-After")).isNotBlank();
        assertThat(three.isEndedByServer()).isTrue();
      }
      one.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").reply().expect(200);
    }
  }

  private static Drip dripping(List<Socket> sockets, long everyMillis) {
    var drip = new Drip(sockets, everyMillis);
    drip.thread.start();
    return drip;
  }

  /** Sends a byte on each socket now and then, until it is closed. */
  private static final class Drip implements AutoCloseable {
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final CountDownLatch rounds = new CountDownLatch(3);
    private final Thread thread;

    Drip(List<Socket> sockets, long everyMillis) {
      thread =
          new Thread(
              () -> {
                while (running.get()) {
                  sockets.forEach(Drip::drip);
                  rounds.countDown();
                  try {
                    Thread.sleep(everyMillis);
                  } catch (InterruptedException e) {
                    return;
                  }
                }
              },
              "drip");
    }

    private static void drip(Socket socket) {
      try {
        OutputStream out = socket.getOutputStream();
        out.write('a');
      } catch (IOException ended) {
        // The server has had enough of it.
      }
    }

    boolean isRunning() {
      return running.get();
    }

    @Override
    public void close() throws InterruptedException {
      running.set(false);
      thread.interrupt();
      thread.join();
    }
  }
}

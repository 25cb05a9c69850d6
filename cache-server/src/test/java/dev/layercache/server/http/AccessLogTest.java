package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.blob.memory.MemoryBlobStore;
import dev.layercache.server.http.wire.AccessLog;
import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.image.Images;
import dev.layercache.server.metadata.MemoryMetadataStore;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Every answer is one line that names its request. */
class AccessLogTest {
  @Test
  void everyAnswerIsLogged() throws Exception {
    var entries = new LinkedBlockingQueue<AccessLog.Entry>();
    try (var blobs = new MemoryBlobStore(1 << 20, Clock.systemUTC());
        var door =
            RegistryDoor.start(
                blobs,
                new Images(blobs, new MemoryMetadataStore(), Clock.systemUTC()),
                HttpLimits.DEFAULT,
                entries::add,
                "127.0.0.1",
                0);
        var raw = new RawConnection(door.port())) {
      var found = raw.send("GET /v2/?a=b HTTP/1.1\r\nHost: x\r\n\r\n").reply();
      var entry = entries.poll(10, TimeUnit.SECONDS);
      assertThat(entry.requestId()).isEqualTo(found.header("X-Request-Id"));
      assertThat(entry.toString()).contains(" GET /v2/?a=b 200 2 bytes ");

      var refused = raw.send("GET /v2/ HTTP/1.1\r\n\r\n").reply();
      entry = entries.poll(10, TimeUnit.SECONDS);
      assertThat(entry.requestId()).isEqualTo(refused.header("X-Request-Id"));
      assertThat(entry.status()).isEqualTo(400);
    }
  }

  @Test
  void aLineCannotBeForged() {
    var entry =
        new AccessLog.Entry(
            "1",
            InetSocketAddress.createUnresolved("client", 1),
            "GET",
            "/a\nb\u001b[0m\u00e4",
            200,
            0,
            Duration.ofMillis(1));
    assertThat(entry.toString()).endsWith(" GET /a?b?[0m? 200 0 bytes 1000 us");
  }
}

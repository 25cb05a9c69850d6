package dev.layercache.server.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.PrefetchOptions;
import dev.layercache.client.PrefetchReport;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.mirror.MirrorUnderFaults;
import dev.layercache.server.proxy.Exchange;
import dev.layercache.server.proxy.Fault;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is stopped and started in the middle of a prefetch from a real registry. */
@Tag("clients")
@Timeout(120)
class PrefetchRestartTest {
  private static final int MIB = 1 << 20;
  private static final int CAME = 5 * MIB + 123;

  @TempDir private Path directory;

  @Test
  void aPrefetchGoesOnAfterARestartAndFetchesNothingTwice() throws Exception {
    try (var mirror = new MirrorUnderFaults(directory);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var image = mirror.push("v1", SampleBlob.of(1, 3000), SampleBlob.of(2, 9 * MIB));
      var stalled = new AtomicBoolean();
      mirror
          .proxy()
          .inject(
              exchange ->
                  exchange.path().endsWith(image.layer().digest().toString())
                      ? new Fault.Stall(stalled.getAndSet(true) ? 0 : CAME)
                      : new Fault.None());
      var name = ImageReference.parse(MirrorUnderFaults.UPSTREAM + "/team/app:v1");
      Callable<PrefetchReport> prefetch = () -> prefetch(mirror.grpcAddress(), name);
      var report = threads.submit(prefetch);
      awaitFilled(mirror, CAME + image.config().size());
      mirror.stop();
      mirror.proxy().heal();
      mirror.startAgain();

      assertThat(Concurrently.get(report).isComplete()).isTrue();
      for (var blob : List.of(image.config(), image.layer())) {
        assertThat(bytes(mirror, blob.digest())).isEqualTo(blob.size());
      }
      assertThat(mirror.requests(image.layer().digest()))
          .extracting(Exchange::range)
          .last()
          .hasToString("Optional[bytes=%d-]".formatted(CAME));
    }
  }

  private static PrefetchReport prefetch(String server, ImageReference name) throws Exception {
    try (var client = LayercacheClient.connect(ClientOptions.server(server))) {
      return client.prefetch(List.of(name), PrefetchOptions.ALL, progress -> {});
    }
  }

  private static void awaitFilled(MirrorUnderFaults mirror, long bytes) throws Exception {
    for (int i = 0; i < 200; i++) {
      if (mirror.statistics().bytesFilled() == bytes) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not in the middle: " + mirror.statistics());
  }

  /** That the registry sent of a blob. */
  private static long bytes(MirrorUnderFaults mirror, Digest blob) {
    return mirror.requests(blob).stream().mapToLong(Exchange::bytes).sum();
  }
}

package dev.layercache.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connecting, asking, closing. */
@Timeout(60)
class LayercacheClientTest {
  private static final byte[] CONTENT = Bytes.random(3 << 20, 1);

  @TempDir Path directory;
  private final FakeCache cache = new FakeCache();
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    callers.shutdownNow();
    cache.close();
  }

  @Test
  void saysWhichAddressRefusedTheConnection() throws IOException {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    var options =
        ClientOptions.server("127.0.0.1:" + free)
            .withRetries(1, Duration.ofMillis(1), Duration.ofMillis(1));
    assertThatThrownBy(() -> LayercacheClient.connect(options))
        .hasMessageContaining("127.0.0.1:" + free)
        .hasMessageContaining("Connection refused")
        .asInstanceOf(type(LayercacheException.class))
        .returns(Kind.UNAVAILABLE, LayercacheException::kind);
  }

  @Test
  void readsEveryFormOfAddress() {
    assertThat(ClientOptions.server("cache.example:8980"))
        .returns("cache.example", ClientOptions::host)
        .returns(8980, ClientOptions::port);
    assertThat(ClientOptions.server("[::1]:80"))
        .returns("::1", ClientOptions::host)
        .returns("[::1]:80", ClientOptions::address);
    for (String wrong : new String[] {"", "host", "host:", ":1", "host:0", "::1:80", "h:65536"}) {
      assertThatThrownBy(() -> ClientOptions.server(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected");
    }
  }

  @Test
  void closingCancelsBlockedDownloadsAndThoseThatWaitForASlot() throws Exception {
    Descriptor blob = cache.add(CONTENT);
    cache.faults.gate = new CountDownLatch(1);
    var client = LayercacheClient.connect(cache.options().withParallelTransfers(2));
    var calls = new ArrayList<Future<Throwable>>();
    for (int i = 0; i < 4; i++) {
      Path file = directory.resolve("blob-" + i);
      calls.add(callers.submit(() -> catchThrowable(() -> client.download(blob, file))));
    }
    awaitOpenStreams(2);

    client.close();

    for (var call : calls) {
      assertThat(call.get(10, TimeUnit.SECONDS))
          .hasMessageContaining("was closed")
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.CANCELLED, LayercacheException::kind);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void closingCancelsABlockedUpload() throws Exception {
    cache.faults.gate = new CountDownLatch(1);
    byte[] large = Bytes.random(20 << 20, 1);
    var client = cache.client();
    var call =
        callers.submit(
            () -> catchThrowable(() -> client.upload(Bytes.layer(large), BlobContent.of(large))));
    awaitOpenStreams(1);

    client.close();

    assertThat(call.get(10, TimeUnit.SECONDS))
        .asInstanceOf(type(LayercacheException.class))
        .returns(Kind.CANCELLED, LayercacheException::kind);
  }

  @Test
  void closingEndsThePauseBeforeARetry() throws Exception {
    var options = cache.options().withRetries(3, Duration.ofHours(1), Duration.ofHours(1));
    var client = LayercacheClient.connect(options);
    cache.faults.unavailableCalls.set(1);
    var call = callers.submit(() -> catchThrowable(client::statistics));
    while (cache.calls("GetStatistics") == 0) {
      Thread.onSpinWait();
    }

    client.close();

    assertThat(call.get(10, TimeUnit.SECONDS))
        .asInstanceOf(type(LayercacheException.class))
        .returns(Kind.CANCELLED, LayercacheException::kind);
  }

  @Test
  void anInterruptCancelsATransferAndStaysSet() throws Exception {
    Descriptor blob = cache.add(CONTENT);
    cache.faults.gate = new CountDownLatch(1);
    try (var client = cache.client()) {
      var interrupted = new CountDownLatch(1);
      var thread =
          new Thread(
              () -> {
                var failure =
                    catchThrowable(() -> client.download(blob, OutputStream.nullOutputStream()));
                if (Thread.currentThread().isInterrupted()
                    && failure instanceof LayercacheException e
                    && e.kind() == Kind.CANCELLED) {
                  interrupted.countDown();
                }
              });
      thread.start();
      awaitOpenStreams(1);
      thread.interrupt();
      assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void nothingWorksAfterClose() throws IOException {
    var client = cache.client();
    client.close();
    client.close();
    assertThatThrownBy(client::statistics)
        .asInstanceOf(type(LayercacheException.class))
        .returns(Kind.CANCELLED, LayercacheException::kind);
    assertThatThrownBy(() -> client.download(Bytes.layer(CONTENT), directory.resolve("blob")))
        .asInstanceOf(type(LayercacheException.class))
        .returns(Kind.CANCELLED, LayercacheException::kind);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void noThreadOutlivesTheClient() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (var client = cache.client()) {
      Descriptor blob = Bytes.layer(CONTENT);
      client.upload(blob, BlobContent.of(CONTENT));
      client.download(blob, directory.resolve("blob"));
      assertThat(clientThreads(before)).isNotEmpty();
    }
    for (Thread thread : clientThreads(before)) {
      thread.join(10_000);
    }
    assertThat(clientThreads(before)).isEmpty();
  }

  @Test
  void aStalledReaderDoesNotStallCalls() throws Exception {
    byte[] large = Bytes.random(24 << 20, 1);
    Descriptor blob = cache.add(large);
    var stalled = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var slow =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new UnsupportedOperationException("written in pieces only");
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            stalled.countDown();
            try {
              go.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    try (var client = cache.client()) {
      var call = callers.submit(() -> catchThrowable(() -> client.download(blob, slow)));
      assertThat(stalled.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(client.statistics().blobs()).isEqualTo(1);
      go.countDown();
      assertThat(call.get(20, TimeUnit.SECONDS)).isNull();
    }
  }

  @Test
  void tellsAllStatistics() throws IOException {
    try (var client = cache.client()) {
      assertThat(client.statistics())
          .isEqualTo(new Statistics(1, 2, 3, 4, 5, 6, 7, Duration.ofMillis(8), 0));
    }
  }

  @Test
  void listsOverSeveralPages() throws IOException {
    Descriptor manifest = cache.add(CONTENT);
    for (int i = 0; i < 2_001; i++) {
      cache.images.tag("app", "tag-%04d".formatted(i), manifest);
    }
    cache.images.tag("base", "latest", manifest);
    try (var client = cache.client()) {
      assertThat(client.repositories())
          .containsExactly(new RepositoryInfo("app", 2_001), new RepositoryInfo("base", 1));
      List<TagInfo> tags = client.tags("app");
      assertThat(tags).hasSize(2_001).isSortedAccordingTo((a, b) -> a.name().compareTo(b.name()));
      assertThat(tags.get(0))
          .isEqualTo(new TagInfo("tag-0000", manifest, Instant.ofEpochMilli(1_000)));
    }
    assertThat(cache.calls("ListTags")).isEqualTo(3);
  }

  @Test
  void resolvesAndDeletesTags() throws IOException {
    Descriptor manifest = cache.add(CONTENT);
    cache.images.tag("app", "latest", manifest);
    var reference = ImageReference.parse("app");
    try (var client = cache.client()) {
      assertThat(client.resolve(reference)).isEqualTo(new ImageInfo(reference, manifest));
      assertThatThrownBy(() -> client.deleteTag(reference))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("REPOSITORY:TAG");

      client.deleteTag(ImageReference.parse("app:latest"));

      assertThatThrownBy(() -> client.resolve(reference))
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.NOT_FOUND, LayercacheException::kind);
    }
  }

  @Test
  void inspectsImagesAndListsUploads() throws IOException {
    Descriptor manifest = cache.add(CONTENT);
    cache.images.tag("app", "latest", manifest);
    cache.images.inspectedPlatform = "linux/arm64/v8";
    try (var client = cache.client()) {
      var image = client.inspect(ImageReference.parse("app")).images().get(0);
      assertThat(image.platform().map(Object::toString)).hasValue("linux/arm64/v8");
      assertThat(image.config()).isEmpty();
      assertThat(image.layers())
          .containsExactly(
              new ImageInspection.Layer(manifest, List.of("other@" + manifest.digest()), 12));
      assertThat(client.uploads())
          .containsExactly(new UploadProgress("upload-1", 5, Instant.ofEpochMilli(1_000)));
    }
  }

  private void awaitOpenStreams(int expected) {
    while (cache.openStreams.get() < expected) {
      Thread.onSpinWait();
    }
  }

  /** Without those of the fake server, which outlives the client. */
  private static Set<Thread> clientThreads(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread) && thread.isAlive())
        .filter(thread -> !thread.getName().startsWith("grpc-default-"))
        .filter(thread -> !thread.getName().startsWith("pool-"))
        .collect(Collectors.toSet());
  }
}

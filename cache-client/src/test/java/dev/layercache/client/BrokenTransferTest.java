package dev.layercache.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transfers over connections that break, and servers that do not answer. */
class BrokenTransferTest {
  private static final int SIZE = 5 << 20;
  private static final byte[] CONTENT = Bytes.random(SIZE, 1);
  private static final Descriptor BLOB = Bytes.layer(CONTENT);

  @TempDir Path directory;
  private final FakeCache cache = new FakeCache();

  @AfterEach
  void stop() {
    cache.close();
  }

  @Test
  void aBrokenUploadSendsOnlyWhatIsMissing() throws IOException {
    cache.faults.breakAfterBytes = 2 << 20;
    cache.faults.brokenStreams.set(2);
    try (var client = cache.client()) {
      assertThat(client.upload(BLOB, BlobContent.of(CONTENT))).isTrue();
    }
    assertThat(cache.blobs.get(BLOB.digest())).isEqualTo(CONTENT);
    assertThat(cache.bytesWritten.sum()).isEqualTo(SIZE);
    assertThat(cache.calls("Write")).isEqualTo(3);
  }

  @Test
  void anUploadGoesBackToWhatTheServerKept() throws IOException {
    cache.faults.breakAfterBytes = 2 << 20;
    cache.faults.keptMultiple = 1_500_000;
    cache.faults.brokenStreams.set(1);
    var offsets = new CopyOnWriteArrayList<Long>();
    BlobContent content =
        offset -> {
          offsets.add(offset);
          return BlobContent.of(CONTENT).open(offset);
        };
    try (var client = cache.client()) {
      assertThat(client.upload(BLOB, content)).isTrue();
    }
    assertThat(offsets).containsExactly(0L, 1_500_000L);
    assertThat(cache.blobs.get(BLOB.digest())).isEqualTo(CONTENT);
  }

  @Test
  void aBrokenDownloadGoesOnWhereItStopped() throws IOException {
    cache.add(CONTENT);
    cache.faults.breakAfterBytes = 1 << 20;
    cache.faults.brokenStreams.set(3);
    Path file = directory.resolve("blob");
    try (var client = cache.client()) {
      client.download(BLOB, file);
    }
    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(cache.bytesRead.sum()).isEqualTo(SIZE);
    assertThat(cache.calls("Read")).isEqualTo(4);
  }

  @Test
  void streamsThatMoveAreContinuedMoreOftenThanStreamsThatDoNot() throws IOException {
    cache.add(CONTENT);
    cache.faults.breakAfterBytes = 1 << 20;
    cache.faults.brokenStreams.set(4);
    var received = new ByteArrayOutputStream();
    var options = cache.options().withRetries(1, Duration.ofMillis(1), Duration.ofMillis(1));
    try (var client = LayercacheClient.connect(options)) {
      client.download(BLOB, received);
    }
    assertThat(received.toByteArray()).isEqualTo(CONTENT);
  }

  @Test
  void aDownloadThatNeverMovesIsGivenUpAndLeavesNothing() throws IOException {
    cache.add(CONTENT);
    cache.faults.brokenStreams.set(Integer.MAX_VALUE);
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.download(BLOB, directory.resolve("blob")))
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.UNAVAILABLE, LayercacheException::kind);
    }
    assertThat(cache.calls("Read")).isEqualTo(1 + cache.options().retries());
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anUploadThatNeverMovesIsGivenUp() throws IOException {
    cache.faults.keptMultiple = Long.MAX_VALUE;
    cache.faults.brokenStreams.set(Integer.MAX_VALUE);
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.upload(BLOB, BlobContent.of(CONTENT)))
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.UNAVAILABLE, LayercacheException::kind);
    }
    assertThat(cache.calls("Write")).isEqualTo(1 + cache.options().retries());
    assertThat(cache.blobs).isEmpty();
  }

  @Test
  void callsAreRepeatedWhileTheServerIsUnavailable() throws IOException {
    try (var client = cache.client()) {
      cache.faults.unavailableCalls.set(3);
      assertThat(client.findMissing(List.of(BLOB))).containsExactly(BLOB);
    }
    assertThat(cache.calls("FindMissingBlobs")).isEqualTo(4);
  }

  @Test
  void callsAreNotRepeatedForEver() throws IOException {
    try (var client = cache.client()) {
      cache.faults.unavailableCalls.set(Integer.MAX_VALUE);
      assertThatThrownBy(() -> client.findMissing(List.of(BLOB)))
          .hasMessageContaining(cache.options().address())
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.UNAVAILABLE, LayercacheException::kind);
    }
    assertThat(cache.calls("FindMissingBlobs")).isEqualTo(1 + cache.options().retries());
  }

  @Test
  void onlyUnavailableIsRepeated() throws IOException {
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.download(BLOB, directory.resolve("blob")))
          .isInstanceOf(LayercacheException.class);
    }
    assertThat(cache.calls("Read")).isEqualTo(1);
  }

  @Test
  void aSilentDownloadFailsAfterTheIdleTimeout() throws IOException {
    cache.add(CONTENT);
    cache.faults.silent = true;
    try (var client = impatient()) {
      assertThatThrownBy(() -> client.download(BLOB, directory.resolve("blob")))
          .hasMessageContaining("nothing moved for 200 ms")
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.TIMEOUT, LayercacheException::kind);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void messagesWithoutAByteAreNoProgress() throws IOException {
    cache.add(CONTENT);
    cache.faults.empty = true;
    try (var client = impatient()) {
      assertThatThrownBy(() -> client.download(BLOB, directory.resolve("blob")))
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.TIMEOUT, LayercacheException::kind);
    }
  }

  @Test
  void aServerThatForgetsWhatItHadIsNotAskedForEver() throws IOException {
    cache.faults.brokenStreams.set(1_000);
    cache.faults.breakAfterBytes = 1 << 20;
    cache.faults.forgetful = true;
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.upload(BLOB, BlobContent.of(CONTENT)))
          .isInstanceOf(LayercacheException.class);
    }
    assertThat(cache.calls("Write")).isLessThan(20);
  }

  @Test
  void aSilentUploadFailsAfterTheIdleTimeout() throws IOException {
    cache.faults.silent = true;
    try (var client = impatient()) {
      assertThatThrownBy(() -> client.upload(BLOB, BlobContent.of(CONTENT)))
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.TIMEOUT, LayercacheException::kind);
    }
  }

  @Test
  void whatTheCallersContentThrowsComesOutAsItIs() throws IOException {
    var failure = new IOException("disk on fire");
    BlobContent content =
        offset ->
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw failure;
              }
            };
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.upload(BLOB, content)).isSameAs(failure);
    }
    assertThat(cache.blobs).isEmpty();
  }

  private LayercacheClient impatient() throws LayercacheException {
    return LayercacheClient.connect(cache.options().withIdleTimeout(Duration.ofMillis(200)));
  }
}

package dev.layercache.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A blob as a channel: {@link LayercacheClient#open}. */
class BlobStreamTest {
  private static final int SIZE = (3 << 20) + 17;

  private final FakeCache cache = new FakeCache();
  private final byte[] content = Bytes.random(SIZE, 1);
  private final Descriptor blob = cache.add(content);

  @AfterEach
  void stop() {
    cache.close();
  }

  @Test
  void readsFromAnyOffsetInPiecesOfAnySize() throws IOException {
    try (var client = cache.client()) {
      for (int offset : new int[] {0, 1, SIZE / 2, SIZE - 1, SIZE}) {
        for (int step : new int[] {1000, 300_000, 5 << 20}) {
          try (var channel = client.open(blob, offset)) {
            assertThat(drain(channel, step)).isEqualTo(Arrays.copyOfRange(content, offset, SIZE));
          }
        }
      }
    }
  }

  @Test
  void aStreamThatBreaksStaysBroken() throws IOException {
    cache.faults.breakAfterBytes = 1 << 20;
    cache.faults.brokenStreams.set(1);
    try (var client = cache.client();
        var channel = client.open(blob, 0)) {
      assertThatThrownBy(() -> drain(channel, 100_000))
          .asInstanceOf(type(LayercacheException.class))
          .extracting(LayercacheException::kind)
          .isEqualTo(Kind.UNAVAILABLE);
    }
  }

  @Test
  void whatIsNotThereIsToldByTheFirstRead() throws IOException {
    try (var client = cache.client();
        var channel = client.open(Bytes.layer(Bytes.random(10, 2)), 0)) {
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(10)))
          .asInstanceOf(type(LayercacheException.class))
          .extracting(LayercacheException::kind)
          .isEqualTo(Kind.NOT_FOUND);
    }
  }

  @Test
  void closingEndsAReadThatWaits() throws Exception {
    cache.faults.gate = new CountDownLatch(1);
    var threads = Executors.newSingleThreadExecutor();
    try (var client = cache.client()) {
      var channel = client.open(blob, 0);
      var read = threads.submit(() -> channel.read(ByteBuffer.allocate(10)));
      channel.close();
      assertThatThrownBy(() -> read.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IOException.class);
      assertThat(channel.isOpen()).isFalse();
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(10)))
          .isInstanceOf(ClosedChannelException.class);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closingGivesTheSlotBackOnce() throws IOException {
    try (var client = LayercacheClient.connect(cache.options().withParallelTransfers(1))) {
      for (int i = 0; i < 3; i++) {
        var channel = client.open(blob, 0);
        channel.read(ByteBuffer.allocate(100));
        channel.close();
        channel.close();
      }
      client.download(blob, new ByteArrayOutputStream());
    }
    assertThat(cache.calls("Read")).isEqualTo(4);
  }

  private static byte[] drain(ReadableByteChannel channel, int step) throws IOException {
    var seen = new ByteArrayOutputStream();
    var buffer = ByteBuffer.allocate(step);
    while (channel.read(buffer) >= 0) {
      seen.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return seen.toByteArray();
  }
}

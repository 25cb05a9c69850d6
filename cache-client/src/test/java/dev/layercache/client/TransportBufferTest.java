package dev.layercache.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.client.image.PartialBlob;
import dev.layercache.oci.Descriptor;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Downloads use the transport's own buffers, and give them back. */
class TransportBufferTest {
  private final FakeCache cache = new FakeCache();
  private final Descriptor blob = cache.add(Bytes.random(2 << 20, 1));

  @AfterEach
  void stop() {
    cache.close();
  }

  @Test
  void bytesAreNotCopiedToTheHeap() throws IOException {
    var target = new Target(Long.MAX_VALUE);
    try (var client = cache.client()) {
      client.download(blob, target);
    }
    assertThat(target.position).isEqualTo(blob.size());
    assertThat(target.heapBytes).isZero();
  }

  @Test
  void downloadsThatEndEarlyGiveTheirBuffersBack() throws IOException {
    try (var client = cache.client()) {
      failOften(client, 20);
      long before = PlatformDependent.usedDirectMemory();
      failOften(client, 150);
      // With one of 256 KiB kept by each it would be 37 MiB.
      assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(20L << 20);
    }
  }

  private void failOften(LayercacheClient client, int times) {
    for (int i = 0; i < times; i++) {
      assertThatThrownBy(() -> client.download(blob, new Target(0))).hasMessage("full");
    }
  }

  private static final class Target implements PartialBlob {
    private final long room;
    private long position;
    private long heapBytes;

    Target(long room) {
      this.room = room;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      if (position >= room) {
        throw new IOException("full");
      }
      position += bytes.remaining();
      heapBytes += bytes.isDirect() ? 0 : bytes.remaining();
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }
}

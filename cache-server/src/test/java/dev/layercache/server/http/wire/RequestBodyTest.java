package dev.layercache.server.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.http.wire.RequestBody.Flow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private static final int MAX_QUEUED = 1 << 20;

  private final RequestBody body =
      RequestBody.expected(OptionalLong.empty(), MAX_QUEUED, Flow.NONE);
  private final List<ByteBuf> given = new ArrayList<>();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final List<Integer> pieces = new ArrayList<>();

  @AfterEach
  void everyPartIsReleased() {
    body.abandon();
    assertThat(given).allMatch(part -> part.refCnt() == 0);
  }

  @Test
  void bytesThatTrickleInAreGathered() throws Exception {
    byte[] bytes = bytes(RequestBody.PIECE + 1000);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var total = threads.submit(() -> body.transferTo(sink()));
      for (byte one : bytes) {
        add(one);
      }
      body.end();
      assertThat(total.get()).isEqualTo(bytes.length);
    }
    assertThat(received.toByteArray()).isEqualTo(bytes);
    // Without gathering there would be one for each byte.
    assertThat(pieces).hasSizeLessThan(10);
  }

  @Test
  void partsOfEverySizeKeepTheirOrder() throws Exception {
    var random = new Random(1);
    var sent = new ByteArrayOutputStream();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var total = threads.submit(() -> body.transferTo(sink()));
      for (int i = 0; i < 300; i++) {
        byte[] part = bytes(random.nextInt(random.nextBoolean() ? 10 : 20_000) + 1);
        sent.write(part);
        add(part);
      }
      body.end();
      assertThat(total.get()).isEqualTo(sent.size());
    }
    assertThat(received.toByteArray()).isEqualTo(sent.toByteArray());
  }

  @Test
  void whatWasGatheredIsHandedOverBeforeTheFailure() {
    add(bytes(10));
    add(bytes(20));
    body.fail(new ClientGoneException("gone"));
    assertThatThrownBy(() -> body.transferTo(sink())).isInstanceOf(ClientGoneException.class);
    assertThat(received.size()).isEqualTo(30);
  }

  private void add(byte... bytes) {
    var part = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
    given.add(part);
    body.add(part);
  }

  private static byte[] bytes(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private WritableByteChannel sink() {
    var channel = Channels.newChannel(received);
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer source) throws IOException {
        pieces.add(source.remaining());
        return channel.write(source);
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {
        // Nothing to let go of.
      }
    };
  }
}

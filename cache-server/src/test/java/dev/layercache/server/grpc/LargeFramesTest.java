package dev.layercache.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.ReadRequest;
import com.google.protobuf.ByteString;
import dev.layercache.transport.LargeFrames;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that takes large frames gets them. */
@Timeout(60)
class LargeFramesTest {
  private static final int LARGE = 256 << 10;
  private static final int HEADER = 9;

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final FrameLengths received = new FrameLengths();
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @Test
  void aClientThatSaysNothingGetsSmallFrames() throws Exception {
    var channel = connect(false);
    read(channel, TestServer.random(1, 3 << 20));
    assertThat(received.longest).isEqualTo(16 << 10);
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }

  @Test
  void aClientThatSaysSoGetsLargeFrames() throws Exception {
    var channel = connect(true);
    // What is sent before the settings are known comes in small ones.
    read(channel, TestServer.random(1, 100));
    read(channel, TestServer.random(2, 3 << 20));
    assertThat(received.longest).isBetween(17 << 10, LARGE);
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }

  private void read(ManagedChannel channel, byte[] content) throws Exception {
    var digest = server.put(content);
    var name = "blobs/%s/%d".formatted(digest.hex(), content.length);
    var bytes = new ByteArrayOutputStream();
    var answers =
        ByteStreamGrpc.newBlockingStub(channel)
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .read(ReadRequest.newBuilder().setResourceName(name).build());
    while (answers.hasNext()) {
      answers.next().getData().writeTo(bytes);
    }
    assertThat(ByteString.copyFrom(bytes.toByteArray()).equals(ByteString.copyFrom(content)))
        .isTrue();
  }

  private ManagedChannel connect(boolean large) {
    return NettyChannelBuilder.forAddress(
            server.door.address().host(), server.door.address().port())
        .usePlaintext()
        .eventLoopGroup(loops)
        .channelFactory(
            () -> {
              var created = new NioSocketChannel();
              created.pipeline().addFirst(received);
              if (large) {
                created.pipeline().addLast(new LargeFrames());
              }
              return created;
            })
        .flowControlWindow(8 << 20)
        .maxInboundMessageSize(16 << 20)
        .build();
  }

  /** Looks at the length of each frame that comes: three bytes of a header of nine. */
  private static final class FrameLengths extends ChannelInboundHandlerAdapter {
    private volatile int longest;
    private final byte[] header = new byte[HEADER];
    private int headerBytes;
    private int payload;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var bytes = ((ByteBuf) message).duplicate();
      while (bytes.isReadable()) {
        if (payload > 0) {
          int skipped = Math.min(payload, bytes.readableBytes());
          bytes.skipBytes(skipped);
          payload -= skipped;
        } else {
          header[headerBytes++] = bytes.readByte();
          if (headerBytes == HEADER) {
            payload = (header[0] & 255) << 16 | (header[1] & 255) << 8 | header[2] & 255;
            longest = Math.max(longest, payload);
            headerBytes = 0;
          }
        }
      }
      context.fireChannelRead(message);
    }
  }
}

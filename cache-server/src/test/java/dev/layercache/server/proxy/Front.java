package dev.layercache.server.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's connection, with one of its own to the server behind. On one event loop. */
final class Front extends ChannelInboundHandlerAdapter {
  private final FaultProxy proxy;
  private @Nullable Channel back;
  private @Nullable Exchange exchange;
  private Fault fault = new Fault.None();
  private boolean swallowed;

  Front(FaultProxy proxy) {
    this.proxy = proxy;
  }

  @Override
  public void channelActive(ChannelHandlerContext front) {
    new Bootstrap()
        .group(front.channel().eventLoop())
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpClientCodec(), new Back(Front.this, front));
              }
            })
        .connect(proxy.backend())
        .addListener(
            (io.netty.channel.ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                back = connected.channel();
                front.channel().config().setAutoRead(true);
              } else {
                front.close();
              }
            });
  }

  @Override
  public void channelRead(ChannelHandlerContext front, Object message) {
    if (message instanceof HttpRequest request) {
      var range = Optional.ofNullable(request.headers().get(HttpHeaderNames.RANGE));
      var began = new Exchange(request.method().name(), request.uri(), range);
      exchange = began;
      fault = proxy.seen(began);
      swallowed = fault instanceof Fault.BlackHole || fault instanceof Fault.Status;
      if (fault instanceof Fault.Status status) {
        answer(front, status, began);
      }
    }
    if (swallowed) {
      ReferenceCountUtil.release(message);
    } else if (fault instanceof Fault.Latency latency) {
      front
          .executor()
          .schedule(() -> pass(message), latency.by().toMillis(), TimeUnit.MILLISECONDS);
    } else {
      pass(message);
    }
  }

  private void pass(Object message) {
    var server = back;
    if (server == null) {
      ReferenceCountUtil.release(message);
    } else {
      server.writeAndFlush(message);
    }
  }

  private static void answer(ChannelHandlerContext front, Fault.Status wanted, Exchange exchange) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(wanted.status()),
            Unpooled.EMPTY_BUFFER);
    wanted.headers().forEach(response.headers()::set);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    exchange.answered(wanted.status());
    front.writeAndFlush(response);
  }

  Fault fault() {
    return fault;
  }

  Optional<Exchange> exchange() {
    return Optional.ofNullable(exchange);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext front) {
    if (back != null) {
      back.config().setAutoRead(front.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext front) {
    if (back != null) {
      back.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext front, Throwable cause) {
    front.close();
  }
}

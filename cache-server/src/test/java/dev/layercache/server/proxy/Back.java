package dev.layercache.server.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;

/** The server's answers on their way to the client. On one event loop. */
final class Back extends ChannelInboundHandlerAdapter {
  private final Front front;
  private final ChannelHandlerContext client;
  private boolean broken;

  Back(Front front, ChannelHandlerContext client) {
    this.front = front;
    this.client = client;
  }

  @Override
  public void channelRead(ChannelHandlerContext server, Object message) {
    if (broken) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpResponse response) {
      front.exchange().ifPresent(exchange -> exchange.answered(response.status().code()));
      if (front.fault() instanceof Fault.Headers more) {
        more.headers().forEach(response.headers()::set);
      }
    }
    if (message instanceof HttpContent content) {
      body(content);
    } else {
      client.writeAndFlush(message);
    }
  }

  private void body(HttpContent content) {
    int count = content.content().readableBytes();
    long before = front.exchange().map(Exchange::bytes).orElse(0L);
    switch (front.fault()) {
      case Fault.Reset reset when before + count >= reset.after() -> {
        client.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        sendLast(content, reset.after() - before).addListener(ChannelFutureListener.CLOSE);
      }
      case Fault.Truncation truncation when before + count >= truncation.after() ->
          sendLast(content, truncation.after() - before).addListener(ChannelFutureListener.CLOSE);
      case Fault.Stall stall when before + count >= stall.after() ->
          sendLast(content, stall.after() - before);
      case Fault.WrongByte wrong when wrong.at() >= before && wrong.at() < before + count -> {
        flip(content.content(), (int) (wrong.at() - before));
        send(content);
      }
      default -> send(content);
    }
  }

  private ChannelFuture send(HttpContent content) {
    int count = content.content().readableBytes();
    front.exchange().ifPresent(exchange -> exchange.sent(count));
    return client.writeAndFlush(content);
  }

  /** The first of these bytes, and nothing after them. */
  private ChannelFuture sendLast(HttpContent content, long bytes) {
    broken = true;
    int kept = Math.clamp(bytes, 0, content.content().readableBytes());
    var last = new DefaultHttpContent(content.content().readRetainedSlice(kept));
    content.release();
    return send(last);
  }

  private static void flip(ByteBuf bytes, int at) {
    int index = bytes.readerIndex() + at;
    bytes.setByte(index, bytes.getByte(index) ^ 1);
  }

  @Override
  public void channelInactive(ChannelHandlerContext server) {
    if (!broken) {
      client.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext server, Throwable cause) {
    server.close();
  }
}

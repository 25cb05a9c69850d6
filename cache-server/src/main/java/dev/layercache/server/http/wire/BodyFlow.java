package dev.layercache.server.http.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** Slows one connection down while the body of its request is not consumed. */
final class BodyFlow implements RequestBody.Flow {
  private final ChannelHandlerContext context;
  private final StrictRequestDecoder decoder;
  private final boolean clientWaits;

  /**
   * @param clientWaits whether the client sends the body only when told to
   */
  BodyFlow(ChannelHandlerContext context, StrictRequestDecoder decoder, boolean clientWaits) {
    this.context = context;
    this.decoder = decoder;
    this.clientWaits = clientWaits;
  }

  @Override
  public void wanted() {
    if (clientWaits) {
      context.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  @Override
  public void pause() {
    decoder.closeGate();
  }

  @Override
  public void resume(RequestBody body) {
    context.executor().execute(() -> openGate(body));
  }

  private void openGate(RequestBody body) {
    if (body.isComplete()) {
      // What comes next is another request, which waits until this one is answered.
      return;
    }
    var reading = context.pipeline().context(decoder);
    if (reading == null) {
      // The connection ended meanwhile.
      return;
    }
    try {
      decoder.openGate(reading);
    } catch (Exception e) {
      context.fireExceptionCaught(e);
    }
  }
}

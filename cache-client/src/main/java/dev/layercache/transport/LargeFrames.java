package dev.layercache.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * Tells the peer of a gRPC channel that it may send larger DATA frames (RFC 9113, section 6.5.2: 16
 * KiB unless told otherwise), for which gRPC has no setting. A message of 1 MiB then comes in 4
 * frames instead of 64.
 *
 * <p>To be put first into the pipeline of a new channel, one instance for each. Goes out of the way
 * at the first read, when gRPC's own handlers are in place. A peer that does not care sends small
 * frames as before.
 */
public final class LargeFrames extends ChannelInboundHandlerAdapter {
  /** Small calls on the same connection wait behind a frame: 2 ms at 1 Gbit/s. */
  private static final int MAX_FRAME_BYTES = 256 << 10;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var http2 = context.pipeline().context(Http2ConnectionHandler.class);
    if (http2 != null) {
      var handler = (Http2ConnectionHandler) http2.handler();
      var settings = new Http2Settings().maxFrameSize(MAX_FRAME_BYTES);
      handler.encoder().writeSettings(http2, settings, http2.newPromise());
      http2.flush();
      context.pipeline().remove(this);
    }
    context.fireChannelRead(message);
  }
}

package dev.layercache.server.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's decoder, stricter and with a gate. Strict: header lines must end in CRLF, must not be
 * folded and must not contain a bare CR (RFC 9112, 2.2 and 5.2), since two servers could read two
 * different requests from them. The gate: while it is closed nothing is decoded and, beyond what
 * was read already, nothing is read, so one connection holds one request at a time.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
  private static final int MAX_CHUNK = 1 << 20;

  private boolean closed;
  private boolean discarding;
  private boolean inHeader = true;
  private boolean headerStarted;
  private boolean lineStarted;

  StrictRequestDecoder(HttpLimits limits) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.maxRequestLine())
            .setMaxHeaderSize(limits.maxHeader())
            .setMaxChunkSize(MAX_CHUNK)
            .setInitialBufferSize(256)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true));
  }

  /** Whether a part of a header was received, but not all of it. */
  boolean isInsideHeader() {
    return inHeader && headerStarted;
  }

  /** Decodes nothing more for now. */
  void closeGate() {
    closed = true;
  }

  /** Throws away whatever comes from now on. */
  void discardRest() {
    discarding = true;
  }

  /** Goes on with what was received meanwhile, then with reading. */
  void openGate(ChannelHandlerContext ctx) throws Exception {
    closed = false;
    if (actualReadableBytes() > 0) {
      channelRead(ctx, Unpooled.EMPTY_BUFFER);
    }
    if (!closed && ctx.channel().isOpen()) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (closed) {
      ctx.channel().config().setAutoRead(false);
    }
    super.channelRead(ctx, message);
  }

  /** Netty's own would ask for more bytes when it could not decode any. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (closed) {
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (discarding) {
      buffer.skipBytes(buffer.readableBytes());
      return;
    }
    if (closed) {
      return;
    }
    if (inHeader) {
      headerStarted = true;
      skipEmptyLines(buffer);
      var fault = HeaderLines.fault(buffer);
      if (fault.isPresent()) {
        buffer.skipBytes(buffer.readableBytes());
        throw new HttpRefusal(400, fault.get());
      }
    }
    super.decode(ctx, buffer, out);
    for (Object decoded : out) {
      if (decoded instanceof HttpRequest) {
        inHeader = false;
      }
      if (decoded instanceof LastHttpContent) {
        inHeader = true;
        headerStarted = false;
        lineStarted = false;
      }
    }
  }

  /** RFC 9112, 2.2: empty lines before the request line are ignored. */
  private void skipEmptyLines(ByteBuf buffer) {
    while (!lineStarted && buffer.isReadable()) {
      byte next = buffer.getByte(buffer.readerIndex());
      if (next == '\r' || next == '\n') {
        buffer.skipBytes(1);
      } else {
        lineStarted = true;
      }
    }
  }
}

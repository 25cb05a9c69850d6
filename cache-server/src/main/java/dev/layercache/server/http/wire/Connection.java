package dev.layercache.server.http.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection: hands requests to the handler one after the other, body parts to the request they
 * belong to, and keeps the deadlines. Everything happens on its event loop unless it says
 * otherwise.
 */
final class Connection extends ChannelInboundHandlerAdapter {
  /**
   * A body that nobody wanted is read to its end up to this size; beyond it the connection ends.
   */
  private static final long MAX_DISCARDED = 256 << 10;

  private final HttpServer server;
  private final StrictRequestDecoder decoder;
  private final Deadlines deadlines;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Exchange exchange;
  private boolean answered;
  private boolean ending;

  Connection(HttpServer server, StrictRequestDecoder decoder) {
    this.server = server;
    this.decoder = decoder;
    this.deadlines = new Deadlines(server.limits());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    if (!server.opened(this, ctx)) {
      refuse(
          new HttpRefusal(
              503,
              "too many connections (expected: at most %d)"
                  .formatted(server.limits().maxConnections())));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    server.closed(this, ctx);
    if (exchange != null) {
      exchange.clientGone();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    deadlines.received();
    if (ending) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof HttpRequest head) {
      begin(ctx, head);
    }
    if (!ending && message instanceof HttpContent part) {
      addToBody(part);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) {
    var refusal = RequestCheck.refusal(head);
    if (refusal.isPresent()) {
      ReferenceCountUtil.release(head);
      refuse(refusal.get());
      return;
    }
    answered = false;
    var body = RequestBody.none();
    if (RequestCheck.hasBody(head)) {
      OptionalLong length = RequestCheck.contentLength(head);
      var flow = new BodyFlow(ctx, decoder, RequestCheck.expectsContinue(head));
      body = RequestBody.expected(length, server.limits().maxQueuedBody(), flow);
    }
    exchange = new Exchange(server, this, ctx.channel(), head, body);
    server.start(exchange);
  }

  private void addToBody(HttpContent part) {
    var current = exchange;
    if (current == null) {
      part.release();
      return;
    }
    if (current.body().isComplete()) {
      // The end of a message without a body.
      part.release();
      decoder.closeGate();
      next();
      return;
    }
    deadlines.receivedBody(part.content().readableBytes());
    if (part.decoderResult().isFailure()) {
      part.release();
      current.body().fail(new HttpRefusal(400, "malformed body: " + part.decoderResult().cause()));
      return;
    }
    current.body().add(part.content());
    if (part instanceof LastHttpContent) {
      decoder.closeGate();
      current.body().end();
      next();
    }
  }

  /**
   * Whether the connection can go on after the current request, whatever is left of its body. May
   * be called on any thread.
   */
  boolean canContinue(Exchange of) {
    if (server.isDraining() || !RequestCheck.keepsAlive(of.request().head())) {
      return false;
    }
    var body = of.body();
    if (body.hasFailed()) {
      return false;
    }
    return body.isComplete()
        || (body.declaredLength().orElse(Long.MAX_VALUE) <= MAX_DISCARDED
            && !RequestCheck.expectsContinue(of.request().head()));
  }

  /** The answer was handed to the kernel. */
  void answered(boolean goesOn) {
    answered = true;
    if (exchange != null) {
      exchange.body().abandon();
    }
    if (goesOn) {
      next();
    } else {
      linger();
    }
  }

  /** Begins with the next request once the current one is answered and was received to its end. */
  private void next() {
    var ctx = context;
    if (ctx == null || exchange == null || !answered || !exchange.body().isComplete()) {
      return;
    }
    exchange = null;
    deadlines.requestEnded();
    if (server.isDraining()) {
      linger();
      return;
    }
    try {
      decoder.openGate(ctx.pipeline().context(decoder));
    } catch (Exception e) {
      exceptionCaught(ctx, e);
    }
  }

  /** Refuses what is no acceptable request. */
  private void refuse(HttpRefusal refusal) {
    ending = true;
    decoder.discardRest();
    var ctx = context;
    if (ctx == null) {
      return;
    }
    String id = server.nextRequestId();
    var answer = server.handler().failed(refusal, id);
    var head = AnswerHead.of(answer, id, server.date(), false);
    ctx.writeAndFlush(head.full()).addListener(written -> linger());
    server
        .accessLog()
        .answered(
            new AccessLog.Entry(
                id,
                ctx.channel().remoteAddress(),
                "-",
                "-",
                answer.status().code(),
                answer.body().length(),
                Duration.ZERO));
  }

  /** Says that nothing more is sent, and closes when the client does, or soon. */
  private void linger() {
    ending = true;
    var ctx = context;
    if (ctx == null) {
      return;
    }
    deadlines.linger();
    decoder.discardRest();
    ((DuplexChannel) ctx.channel()).shutdownOutput();
    try {
      decoder.openGate(ctx.pipeline().context(decoder));
    } catch (Exception e) {
      ctx.close();
    }
  }

  /** The server is closing: ends the connection now if it is idle, else after the answer. */
  void drain() {
    if (exchange == null && context != null) {
      context.close();
    }
  }

  /** The server does not wait any longer. */
  void breakOff() {
    if (context != null) {
      context.close();
    }
  }

  /** Looks at the deadlines; called every {@link HttpServer#TICK}. */
  void tick() {
    var ctx = context;
    if (ctx == null) {
      return;
    }
    var current = exchange;
    if (ending) {
      if (deadlines.lingered()) {
        ctx.close();
      }
    } else if (current == null) {
      if (decoder.isInsideHeader()) {
        if (deadlines.headerLate()) {
          refuse(
              new HttpRefusal(
                  408,
                  "the header did not come in time (expected: within %s)"
                      .formatted(server.limits().headerDeadline())));
        }
      } else if (deadlines.idle()) {
        ctx.close();
      }
    } else if (answered) {
      // The rest of a body that nobody wanted.
      if (deadlines.bodyLate()) {
        ctx.close();
      }
    } else if (current.body().isWaiting()) {
      if (deadlines.bodyLate()) {
        current
            .body()
            .fail(
                new HttpRefusal(
                    408,
                    "the body came too slowly (expected: a byte within %s and %d bytes a second)"
                        .formatted(server.limits().bodyIdle(), server.limits().minBodyRate())));
      }
    } else if (deadlines.sendStuck(ctx.channel())) {
      ctx.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.writabilityChanged();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var root = cause.getCause() == null ? cause : cause.getCause();
    if (root instanceof HttpRefusal refusal && exchange == null) {
      refuse(refusal);
    } else {
      ctx.close();
    }
  }
}

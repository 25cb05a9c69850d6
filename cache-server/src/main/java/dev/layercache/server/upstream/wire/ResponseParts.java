package dev.layercache.server.upstream.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one connection on their way from the event loop to the thread that waits for them.
 * The socket is not read while more than {@link #MAX_QUEUED} bytes wait.
 */
final class ResponseParts extends ChannelInboundHandlerAdapter {
  /** Bytes of a body that wait to be consumed; what is in one read comes on top. */
  private static final int MAX_QUEUED = 512 << 10;

  /** What a part costs beside its bytes; bounds the number of tiny parts. */
  private static final int PART_OVERHEAD = 512;

  private final String peer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<HttpObject> parts = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private long queued;
  private boolean ended;
  private @Nullable IOException failure;

  ResponseParts(String peer) {
    this.peer = peer;
  }

  /**
   * Waits for the next part, which becomes the caller's to release.
   *
   * @throws IOException if none came in time, or none will come
   */
  HttpObject next(Duration patience) throws IOException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (parts.isEmpty()) {
        if (failure != null) {
          throw new IOException(failure.getMessage(), failure);
        }
        if (ended) {
          throw new IOException(peer + " closed the connection before the end of its answer");
        }
        if (left <= 0) {
          throw new TimedOutException(
              "%s sent nothing for %d ms".formatted(peer, patience.toMillis()));
        }
        left = changed.awaitNanos(left);
      }
      var part = parts.remove();
      long before = queued;
      queued -= weight(part);
      if (before > MAX_QUEUED && queued <= MAX_QUEUED) {
        read(true);
      }
      return part;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + peer, e);
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing is queued and more can come. */
  boolean isQuiet() {
    lock.lock();
    try {
      return parts.isEmpty() && !ended && failure == null;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a wait and drops what is queued, and all that comes. */
  void abandon() {
    lock.lock();
    try {
      ended = true;
      parts.forEach(ReferenceCountUtil::release);
      parts.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    lock.lock();
    try {
      if (ended || !(message instanceof HttpObject part)) {
        ReferenceCountUtil.release(message);
        return;
      }
      long before = queued;
      parts.add(part);
      queued += weight(part);
      if (before <= MAX_QUEUED && queued > MAX_QUEUED) {
        read(false);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure =
            new IOException("connection to %s: %s".formatted(peer, cause.getMessage()), cause);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    ctx.close();
  }

  private void read(boolean wanted) {
    if (context != null) {
      context.channel().config().setAutoRead(wanted);
    }
  }

  private static long weight(HttpObject part) {
    return PART_OVERHEAD
        + (part instanceof HttpContent content ? content.content().readableBytes() : 0L);
  }
}

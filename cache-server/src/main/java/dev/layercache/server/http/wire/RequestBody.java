package dev.layercache.server.http.wire;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way from the event loop, which adds parts, to the handler, which
 * waits for them. When more than {@link HttpLimits#maxQueuedBody} is queued the connection is not
 * read until half of it is consumed. Deadlines are the connection's: it ends a wait by failing the
 * body.
 *
 * <p>Bytes that trickle in are gathered: the handler is woken for {@link #PIECE} bytes, or for what
 * there is when no more will come. So a client that drips costs a copied byte on the event loop now
 * and then, whatever the handler does with a piece, and thousands of them cost little more.
 */
public final class RequestBody {
  /** What a part costs beside its bytes; bounds the number of tiny parts. */
  private static final int PART_OVERHEAD = 512;

  /** What the handler is woken for, bytes; small against the store's chunks of 256 KiB. */
  static final int PIECE = 32 << 10;

  /** Parts below this are copied together; a copy of more costs as much as it saves. */
  private static final int MAX_COPIED = 2 << 10;

  /** Where copied parts begin; it grows to the size that it needs. */
  private static final int FIRST_GATHERED = 256;

  private static final RequestBody NONE = new RequestBody(OptionalLong.of(0), 0, Flow.NONE, true);

  private final OptionalLong declaredLength;
  private final int maxQueued;
  private final Flow flow;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuf> parts = new ArrayDeque<>();

  /** The last of the parts, if it is one that others are copied into. */
  private @Nullable ByteBuf gathering;

  private long queued;

  /** Whether there was enough to wake the handler: it then gets all that is queued. */
  private boolean handingOver;

  private boolean paused;
  private boolean abandoned;
  private boolean asked;
  private volatile boolean waiting;
  private volatile boolean complete;
  private @Nullable IOException failure;

  private RequestBody(OptionalLong declaredLength, int maxQueued, Flow flow, boolean complete) {
    this.declaredLength = declaredLength;
    this.maxQueued = maxQueued;
    this.flow = flow;
    this.complete = complete;
  }

  /** A body of no bytes that is there already; nothing ever changes it. */
  static RequestBody none() {
    return NONE;
  }

  static RequestBody expected(OptionalLong declaredLength, int maxQueued, Flow flow) {
    return new RequestBody(declaredLength, maxQueued, flow, false);
  }

  OptionalLong declaredLength() {
    return declaredLength;
  }

  /**
   * Writes the whole body to {@code sink} as it comes.
   *
   * @return bytes written
   * @throws ClientGoneException if the connection ended first
   * @throws HttpRefusal if the body is malformed, or came too slowly
   */
  public long transferTo(WritableByteChannel sink) throws IOException {
    long total = 0;
    for (var part = next(); part != null; part = next()) {
      try {
        total += part.readableBytes();
        for (ByteBuffer buffer : part.nioBuffers()) {
          while (buffer.hasRemaining()) {
            sink.write(buffer);
          }
        }
      } finally {
        part.release();
      }
    }
    return total;
  }

  /**
   * The whole body in memory.
   *
   * @param most bytes that it may have
   * @throws HttpRefusal 413 if it has more, and as {@link #transferTo}
   */
  public byte[] readAll(int most) throws IOException {
    if (declaredLength.orElse(0) > most) {
      throw tooLarge(declaredLength.getAsLong(), most);
    }
    // Whatever is declared: memory is for bytes that came.
    var all = new ByteArrayOutputStream((int) Math.min(8192, declaredLength.orElse(8192)));
    for (var part = next(); part != null; part = next()) {
      try {
        if (all.size() + part.readableBytes() > most) {
          throw tooLarge(all.size() + part.readableBytes(), most);
        }
        part.readBytes(all, part.readableBytes());
      } finally {
        part.release();
      }
    }
    return all.toByteArray();
  }

  private static HttpRefusal tooLarge(long bytes, int most) {
    return new HttpRefusal(
        413, "body has %d bytes or more (expected: at most %d)".formatted(bytes, most));
  }

  /** The next part, which the caller releases; null at the end. */
  private @Nullable ByteBuf next() throws IOException {
    if (this == NONE) {
      return null;
    }
    if (!asked) {
      asked = true;
      flow.wanted();
    }
    boolean resume = false;
    ByteBuf part;
    lock.lock();
    try {
      while (!isReady()) {
        waiting = true;
        changed.await();
      }
      waiting = false;
      part = parts.poll();
      handingOver = !parts.isEmpty();
      if (part == null && failure != null) {
        throw failure;
      }
      if (part != null) {
        if (part == gathering) {
          gathering = null;
        }
        queued -= weight(part);
        if (paused && queued <= maxQueued / 2) {
          paused = false;
          resume = true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException("interrupted while waiting for the body");
    } finally {
      lock.unlock();
    }
    if (resume) {
      flow.resume(this);
    }
    return part;
  }

  /** Whether the handler need not wait. */
  private boolean isReady() {
    return handingOver || queued >= Math.min(PIECE, maxQueued) || failure != null || complete;
  }

  /** Adds a part, which becomes the body's. On the event loop. */
  void add(ByteBuf part) {
    boolean pause = false;
    lock.lock();
    try {
      if (abandoned || failure != null || !part.isReadable()) {
        part.release();
        return;
      }
      if (part.readableBytes() < MAX_COPIED) {
        gather(part);
      } else {
        parts.add(part);
        gathering = null;
        queued += weight(part);
      }
      if (!paused && queued > maxQueued) {
        paused = true;
        pause = true;
      }
      if (isReady()) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
    if (pause) {
      flow.pause();
    }
  }

  /** Copies a part, which may keep a far larger buffer from being freed, and releases it. */
  private void gather(ByteBuf part) {
    try {
      if (gathering == null) {
        gathering = part.alloc().directBuffer(FIRST_GATHERED);
        parts.add(gathering);
        queued += PART_OVERHEAD;
      }
      queued += part.readableBytes();
      gathering.writeBytes(part);
    } finally {
      part.release();
    }
  }

  /** All parts were added. On the event loop. */
  void end() {
    lock.lock();
    try {
      complete = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** No more parts will come; those that are queued can still be read. On the event loop. */
  void fail(IOException why) {
    lock.lock();
    try {
      if (!complete && failure == null) {
        failure = why;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Throws away what is queued and all that will come. */
  void abandon() {
    if (this == NONE) {
      return;
    }
    boolean resume;
    lock.lock();
    try {
      abandoned = true;
      parts.forEach(ByteBuf::release);
      parts.clear();
      gathering = null;
      handingOver = false;
      queued = 0;
      resume = paused;
      paused = false;
    } finally {
      lock.unlock();
    }
    if (resume) {
      flow.resume(this);
    }
  }

  /** Whether the last part was received. */
  boolean isComplete() {
    return complete;
  }

  /** Whether the end of the body cannot be reached. */
  boolean hasFailed() {
    lock.lock();
    try {
      return failure != null;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the handler waits for the client. */
  boolean isWaiting() {
    return waiting;
  }

  private static long weight(ByteBuf part) {
    return part.readableBytes() + (long) PART_OVERHEAD;
  }

  /** How a body slows its connection down. */
  interface Flow {
    Flow NONE =
        new Flow() {
          @Override
          public void wanted() {}

          @Override
          public void pause() {}

          @Override
          public void resume(RequestBody body) {}
        };

    /** The handler asks for the body for the first time. On the handler's thread. */
    void wanted();

    /** Enough is queued. On the event loop. */
    void pause();

    /** There is room again in a body. On any thread. */
    void resume(RequestBody body);
  }
}

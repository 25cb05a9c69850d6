package dev.layercache.server.upstream.wire;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An answer whose body is still on its way. Not thread-safe, but {@link #close} may come from any
 * thread and ends a wait. Whoever got it closes it: that gives the connection back, or ends it when
 * the body was not read to its end.
 */
public final class HttpReply implements ReadableByteChannel {
  private static final int MAX_DISCARDED = 64 << 10;
  private static final Duration DISCARD_PATIENCE = Duration.ofSeconds(1);

  /** What becomes of the connection. */
  interface Release {
    void done(ClientConnection connection, boolean reusable);
  }

  private final ClientConnection connection;
  private final HttpResponse head;
  private final Duration idle;
  private final Release release;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ByteBuf current;
  private volatile boolean complete;

  HttpReply(ClientConnection connection, HttpResponse head, Duration idle, Release release) {
    this.connection = connection;
    this.head = head;
    this.idle = idle;
    this.release = release;
  }

  public int status() {
    return head.status().code();
  }

  /** The first header line of this name. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(head.headers().get(name));
  }

  /** All header lines of this name. */
  public Iterable<String> headers(String name) {
    return head.headers().getAll(name);
  }

  /** Bytes of the body, or what GET would give; empty when the peer does not say. */
  public OptionalLong contentLength() {
    try {
      long length = HttpUtil.getContentLength(head, -1L);
      return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Waits for at least one byte of the body.
   *
   * @return bytes read, at least 1; -1 at the end; 0 only if {@code target} has no room
   * @throws IOException if the body broke off, or nothing came in time
   */
  @Override
  public int read(ByteBuffer target) throws IOException {
    return read(target, idle);
  }

  private int read(ByteBuffer target, Duration patience) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    int count = copy(target);
    while (count == 0 && !complete) {
      keep(connection.parts().next(patience));
      count = copy(target);
    }
    return count == 0 ? -1 : count;
  }

  /** Bytes of the current part, which is released when they are all read. */
  private int copy(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      if (closed.get()) {
        throw new ClosedChannelException();
      }
      var buffer = current;
      if (buffer == null) {
        return 0;
      }
      int count = Math.min(buffer.readableBytes(), target.remaining());
      buffer.readBytes(target.slice(target.position(), count));
      target.position(target.position() + count);
      if (!buffer.isReadable()) {
        drop();
      }
      return count;
    } finally {
      lock.unlock();
    }
  }

  private void keep(HttpObject part) throws IOException {
    if (part.decoderResult().isFailure() || !(part instanceof HttpContent content)) {
      ReferenceCountUtil.release(part);
      throw new IOException(connection.endpoint() + " sent a malformed body");
    }
    lock.lock();
    try {
      if (closed.get()) {
        content.release();
        throw new ClosedChannelException();
      }
      current = content.content();
      complete = part instanceof LastHttpContent;
    } finally {
      lock.unlock();
    }
  }

  private void drop() {
    var buffer = current;
    current = null;
    if (buffer != null) {
      buffer.release();
    }
  }

  /**
   * The whole body in memory.
   *
   * @param most bytes that it may have
   * @throws IOException if it has more, or as {@link #read}
   */
  public byte[] readAll(int most) throws IOException {
    var all = new ByteArrayOutputStream();
    var piece = ByteBuffer.allocate(16 << 10);
    while (read(piece) >= 0) {
      if (all.size() + piece.position() > most) {
        throw new IOException(
            "answer of %s has more than %d bytes (expected: at most that)"
                .formatted(connection.endpoint(), most));
      }
      all.write(piece.array(), 0, piece.position());
      piece.clear();
    }
    return all.toByteArray();
  }

  /** Reads what little may be left, so that the connection can be used again; then closes. */
  public void discard() {
    var piece = ByteBuffer.allocate(4 << 10);
    try {
      for (int total = 0; total < MAX_DISCARDED && !complete; ) {
        total += Math.max(read(piece.clear(), DISCARD_PATIENCE), 0);
      }
    } catch (IOException e) {
      // Then the connection is not used again.
    } finally {
      close();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed.get();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    boolean reusable;
    lock.lock();
    try {
      reusable = complete && current == null && HttpUtil.isKeepAlive(head);
      drop();
    } finally {
      lock.unlock();
    }
    release.done(connection, reusable);
  }
}

package dev.layercache.server.http.wire;

import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.UnavailableException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes one answer, waiting whenever the client does not keep up. Used by the thread that handles
 * the request; {@link #wake} may come from any thread. A client that takes nothing loses its
 * connection to the deadline sweep, which ends every wait here.
 */
final class AnswerWriter {
  /** Bytes of a buffer or a region at most: a chunk of a blob's file. */
  private static final int BUFFER = 256 << 10;

  /** Regions on their way, which hold no bytes: 4 MiB of a file. */
  private static final int MAX_REGIONS = 16;

  /** Of so many left, more are handed over: enough to keep the socket full until they come. */
  private static final int FEW_REGIONS = 4;

  private static final Duration BUFFER_WAIT = Duration.ofSeconds(20);

  /** How long the event loop may take to let go of regions of a connection that is closed. */
  private static final Duration LETTING_GO = Duration.ofSeconds(10);

  private static final long RECHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Channel channel;
  private final Semaphore buffers;
  private final AtomicInteger regions = new AtomicInteger();
  private boolean begun;
  private volatile @Nullable Thread thread;

  /**
   * @param buffers permits for buffers, shared by all answers
   */
  AnswerWriter(Channel channel, Semaphore buffers) {
    this.channel = channel;
    this.buffers = buffers;
  }

  void use(Thread handling) {
    thread = handling;
  }

  SocketAddress remote() {
    return channel.remoteAddress();
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  void close() {
    channel.close();
  }

  /** Whether anything of the answer was handed over: then it can only be broken off. */
  boolean begun() {
    return begun;
  }

  /**
   * Writes an answer and closes its blob.
   *
   * @param written runs on the event loop when everything was handed to the kernel
   * @throws ClientGoneException if the client did not take it all
   * @throws IOException if the blob could not be read; a part may be on its way
   */
  void write(AnswerHead head, Runnable written) throws IOException {
    if (head.answer().body() instanceof Answer.Body.Blob blob) {
      try (var reader = blob.reader()) {
        try {
          writeBlob(head, reader, written);
        } finally {
          breakOffRegions();
        }
      }
    } else {
      finish(send(head.full()), written);
    }
  }

  private void writeBlob(AnswerHead head, BlobReader reader, Runnable written) throws IOException {
    if (reader.remaining() <= BUFFER) {
      ByteBuf whole = fill(reader);
      finish(release(send(head.full(whole))), written);
      return;
    }
    while (reader.remaining() > 0) {
      var region = reader.nextRegion(BUFFER);
      if (region.isPresent()) {
        sendHead(head);
        regions.incrementAndGet();
        send(new BlobRegion(region.get())).addListener(sent -> regionSent());
        awaitFewerRegions(MAX_REGIONS);
      } else {
        ByteBuf buffer = fill(reader);
        sendHead(head);
        release(send(new DefaultHttpContent(buffer)));
        awaitWritable();
      }
    }
    finish(send(LastHttpContent.EMPTY_LAST_CONTENT), written);
    awaitFewerRegions(1);
  }

  /**
   * Regions that are still on their way after a failure go nowhere: the reader closes their files,
   * whose numbers may be other files' a moment later.
   */
  private void breakOffRegions() {
    if (regions.get() == 0) {
      return;
    }
    channel.close();
    boolean interrupted = Thread.interrupted();
    long end = System.nanoTime() + LETTING_GO.toNanos();
    while (regions.get() > 0 && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(this, RECHECK_NANOS);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void sendHead(AnswerHead head) {
    if (!begun) {
      channel.write(head.alone());
      begun = true;
    }
  }

  private ChannelFuture send(Object message) {
    begun = true;
    return channel.writeAndFlush(message);
  }

  private ChannelFuture release(ChannelFuture sent) {
    return sent.addListener(done -> buffers.release());
  }

  private static void finish(ChannelFuture last, Runnable written) {
    last.addListener(
        done -> {
          if (done.isSuccess()) {
            written.run();
          } else {
            last.channel().close();
          }
        });
  }

  /** Not after every one: to wake the thread and be woken by it costs as much as sending one. */
  private void regionSent() {
    int left = regions.decrementAndGet();
    if (left == FEW_REGIONS || left == 0) {
      wake();
    }
  }

  /** The next bytes in a pooled buffer, which becomes the caller's, and so does its permit. */
  private ByteBuf fill(BlobReader reader) throws IOException {
    int size = (int) Math.min(BUFFER, reader.remaining());
    reader.awaitReadable(size);
    acquireBuffer();
    boolean filled = false;
    ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    try {
      buffer = channel.alloc().directBuffer(Math.max(size, 1));
      for (int at = 0; at < size; ) {
        int count = reader.read(buffer.nioBuffer(at, size - at));
        if (count < 0) {
          throw new IOException(
              "blob %s ended %d bytes early".formatted(reader.info().digest(), size - at));
        }
        at += count;
      }
      filled = true;
      return buffer.writerIndex(size);
    } finally {
      // Also when there is no direct memory, which is an Error.
      if (!filled) {
        buffer.release();
        buffers.release();
      }
    }
  }

  private void acquireBuffer() throws IOException {
    try {
      if (!buffers.tryAcquire(BUFFER_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new UnavailableException(
            "no send buffer became free within %s".formatted(BUFFER_WAIT));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException("interrupted while waiting for a buffer");
    }
  }

  private void awaitWritable() throws ClientGoneException {
    while (!channel.isWritable()) {
      park();
    }
    requireClient();
  }

  private void awaitFewerRegions(int most) throws ClientGoneException {
    while (regions.get() >= most) {
      park();
    }
    requireClient();
  }

  private void park() throws ClientGoneException {
    requireClient();
    if (Thread.interrupted()) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException("interrupted while sending");
    }
    LockSupport.parkNanos(this, RECHECK_NANOS);
  }

  private void requireClient() throws ClientGoneException {
    if (!channel.isActive()) {
      throw new ClientGoneException("the client closed the connection before the end");
    }
  }
}

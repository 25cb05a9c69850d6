package dev.layercache.server.fill;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.SampleBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An origin on the heap that records what it was asked and fails where it is told to. */
final class TestOrigin implements BlobOrigin {
  private static final int UNGATED = Integer.MAX_VALUE / 2;

  private final String name;
  private final Map<Digest, byte[]> contents = new ConcurrentHashMap<>();
  private final Deque<Long> breaks = new ArrayDeque<>();
  private final List<Long> opens = new CopyOnWriteArrayList<>();
  private final AtomicLong bytes = new AtomicLong();

  /** One permit for each KiB that may be sent. */
  private final Semaphore gate = new Semaphore(UNGATED);

  private volatile boolean sizeKnown = true;
  private volatile boolean resumable = true;
  private volatile Optional<IOException> refusal = Optional.empty();
  private volatile int breakings;
  private final AtomicInteger sending = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();

  TestOrigin(String name) {
    this.name = name;
  }

  /** Has {@code blob}. */
  TestOrigin with(SampleBlob blob) {
    contents.put(blob.digest(), blob.bytes());
    return this;
  }

  /** Has other bytes under the digest of {@code blob}. */
  TestOrigin withWrong(SampleBlob blob) {
    var wrong = blob.bytes();
    wrong[wrong.length / 2] ^= 1;
    contents.put(blob.digest(), wrong);
    return this;
  }

  TestOrigin withoutSize() {
    sizeKnown = false;
    return this;
  }

  TestOrigin withoutResume() {
    resumable = false;
    return this;
  }

  /** Streams break when they have sent the byte before each of these, one stream after another. */
  TestOrigin breakingAt(List<Long> positions) {
    breaks.addAll(positions);
    return this;
  }

  /** Streams that are open now break. */
  synchronized void breakOpenStreams() {
    breakings++;
  }

  /** Every open fails with {@code why}, until it is called with nothing. */
  void refuse(Optional<IOException> why) {
    refusal = why;
  }

  /** From now on only as many KiB are sent as {@link #allow} says. */
  TestOrigin gated() {
    gate.drainPermits();
    return this;
  }

  void allow(int kibibytes) {
    gate.release(kibibytes);
  }

  void allowAll() {
    gate.release(UNGATED - gate.availablePermits());
  }

  /** The offsets that were asked for, in order. */
  List<Long> opens() {
    return opens;
  }

  /** The most streams that were open at one moment. */
  int mostAtOnce() {
    return mostAtOnce.get();
  }

  /** Bytes sent in all. */
  long bytes() {
    return bytes.get();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<OriginStream> open(Digest digest, long offset) throws IOException {
    opens.add(offset);
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    var content = Optional.ofNullable(contents.get(digest));
    return content.map(found -> new Stream(found, resumable ? (int) offset : 0, nextBreak()));
  }

  @Override
  public OptionalLong size(Digest digest) throws IOException {
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    var content = contents.get(digest);
    return content == null
        ? OptionalLong.empty()
        : OptionalLong.of(sizeKnown ? content.length : -1);
  }

  private long nextBreak() {
    synchronized (breaks) {
      return breaks.isEmpty() ? Long.MAX_VALUE : breaks.removeFirst();
    }
  }

  private final class Stream implements OriginStream {
    private final byte[] content;
    private final int offset;
    private final long breakAt;
    private final int breakingsBefore = breakings;
    private int position;
    private volatile boolean open = true;

    Stream(byte[] content, int offset, long breakAt) {
      this.content = content;
      this.offset = offset;
      this.position = offset;
      this.breakAt = breakAt;
      mostAtOnce.accumulateAndGet(sending.incrementAndGet(), Math::max);
    }

    @Override
    public long size() {
      return sizeKnown ? content.length : -1;
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      if (position >= breakAt) {
        throw reset();
      }
      if (position == content.length) {
        return -1;
      }
      awaitGate();
      long most = Math.min(Math.min(1024, content.length - position), breakAt - position);
      int length = (int) Math.min(target.remaining(), most);
      target.put(Arrays.copyOfRange(content, position, position + length));
      position += length;
      bytes.addAndGet(length);
      return length;
    }

    private void awaitGate() throws IOException {
      try {
        for (int i = 0; i < 6_000; i++) {
          if (!open) {
            throw new ClosedChannelException();
          }
          if (breakings != breakingsBefore) {
            throw reset();
          }
          if (gate.tryAcquire(10, TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("the gate did not open");
    }

    private IOException reset() {
      return new IOException("connection reset at " + position);
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public synchronized void close() {
      if (open) {
        open = false;
        sending.decrementAndGet();
      }
    }
  }
}

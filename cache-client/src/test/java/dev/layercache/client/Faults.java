package dev.layercache.client;

import dev.layercache.oci.Digest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What goes wrong in a {@link FakeCache}, and how often. */
final class Faults {
  /** Calls of any method that are still to be answered UNAVAILABLE. */
  final AtomicInteger unavailableCalls = new AtomicInteger();

  /** Streams in either direction that are still to be broken. */
  final AtomicInteger brokenStreams = new AtomicInteger();

  /** A stream to be broken is broken once it has carried this many bytes. */
  volatile long breakAfterBytes;

  /** What a write that is broken keeps of its bytes is rounded down to a multiple of this. */
  volatile long keptMultiple = 1;

  /** Whether what is read has one wrong byte. */
  volatile boolean corrupt;

  /** Whether streams are taken and never answered. */
  volatile boolean silent;

  /** Whether downloads are answered by messages without a byte. */
  volatile boolean empty;

  /** Whether every second look at an unfinished upload finds nothing. */
  volatile boolean forgetful;

  /** Streams begin to be answered when this is open. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  /** Blobs that vanish when the next image is put. */
  final Set<Digest> vanishing = ConcurrentHashMap.newKeySet();

  boolean takeBroken() {
    return brokenStreams.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  boolean takeUnavailable() {
    return unavailableCalls.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }
}

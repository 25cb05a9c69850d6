package dev.layercache.server.grpc;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;

/**
 * How the direct memory of the process is shared out, so that clients cannot exhaust it together.
 *
 * <ul>
 *   <li>a quarter for receive windows: what clients may send before anybody asked for it;
 *   <li>a quarter for messages that were asked for: see {@link MemoryPermits};
 *   <li>three eighths for downloads on their way out: see {@link OutboundShares};
 *   <li>the rest for the HTTP door and the allocator's slack.
 * </ul>
 *
 * <p>512 MiB have room for 64 connections that all upload, or all download. Downloads after the
 * first few send smaller messages ({@link OutboundShares}); further uploads wait for their turn.
 *
 * <p>An eighth of the heap is for the answers of BatchReadBlobs.
 *
 * @param directBytes what the process may take as direct memory
 * @param heapBytes what it may take as heap
 */
record MemoryBudget(long directBytes, long heapBytes) {
  /** Enough for 16 Gbit/s over 4 ms; more gains nothing. */
  private static final long MAX_WINDOW = 8 << 20;

  /** HTTP/2's own initial window. */
  private static final long MIN_WINDOW = 65_535;

  /** The limit of this process: {@code -XX:MaxDirectMemorySize}, or as much as the heap. */
  static MemoryBudget ofProcess() {
    return new MemoryBudget(PlatformDependent.maxDirectMemory(), Runtime.getRuntime().maxMemory());
  }

  /**
   * The flow-control window, in bytes. gRPC applies it to each stream and to the connection as a
   * whole, so a connection never holds more than this of data that nobody has asked for.
   *
   * @throws IllegalArgumentException if so many connections leave less than HTTP/2's own window
   */
  int receiveWindow(int maxConnections) {
    long window = directBytes / 4 / maxConnections;
    if (window < MIN_WINDOW) {
      throw new IllegalArgumentException(
          "limits.maxConnections: %d receive windows of 64 KiB do not fit a quarter of the direct memory of %d MiB (expected: at most %d connections, or a larger -XX:MaxDirectMemorySize)"
              .formatted(maxConnections, directBytes >> 20, directBytes / 4 / MIN_WINDOW));
    }
    return (int) Math.min(window, MAX_WINDOW);
  }

  /**
   * The limits that all calls share.
   *
   * @param stall how long a peer may neither send nor take a byte, and a call may wait for its turn
   */
  CallLimits limits(Duration stall) {
    return new CallLimits(
        new MemoryPermits(directBytes / 4, stall),
        new OutboundShares(directBytes / 8 * 3),
        new MemoryPermits(heapBytes / 8, stall),
        stall);
  }
}

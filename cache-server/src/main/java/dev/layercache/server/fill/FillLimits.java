package dev.layercache.server.fill;

import java.time.Duration;

/**
 * What fills may take, and how long anything waits for them.
 *
 * @param maxFills blobs that are copied in at once; each takes a buffer of 256 KiB and an upload
 * @param maxFillsPerGroup the same for one {@link BlobOrigin#group}
 * @param maxQueued fills that may wait for their turn; further ones are refused
 * @param queueWait how long one waits for its turn before it is refused
 * @param headerWait how long a reader waits to learn whether the origin has the blob
 * @param stall how long a reader waits for the next byte
 * @param grace how long a fill goes on that nobody wants any more
 * @param backoff pause before a broken stream is opened again; doubles, up to 20 times as long
 */
public record FillLimits(
    int maxFills,
    int maxFillsPerGroup,
    int maxQueued,
    Duration queueWait,
    Duration headerWait,
    Duration stall,
    Duration grace,
    Duration backoff) {

  /** For a server. Clients give up after a minute or so: what waits longer was no use. */
  public static final FillLimits DEFAULT =
      new FillLimits(
          64,
          32,
          1_024,
          Duration.ofSeconds(20),
          Duration.ofSeconds(40),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofMillis(100));

  public FillLimits {
    if (maxFills < 1 || maxFillsPerGroup < 1 || maxQueued < 0) {
      throw new IllegalArgumentException(
          "fills: %d at once, %d of a group, %d queued (expected: at least 1, 1 and 0)"
              .formatted(maxFills, maxFillsPerGroup, maxQueued));
    }
  }
}

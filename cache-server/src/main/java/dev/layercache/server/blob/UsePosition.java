package dev.layercache.server.blob;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/**
 * A place in the order of last use: oldest hour first, and within an hour the blob first that was
 * stored first.
 *
 * @param hour of the last use, in whole hours since 1970
 * @param id tells blobs of an hour apart
 */
public record UsePosition(int hour, long id) implements Comparable<UsePosition> {
  /** How coarse last uses are kept. */
  public static final Duration BUCKET = Duration.ofHours(1);

  /** Before every blob. */
  public static final UsePosition FIRST = new UsePosition(0, 0);

  private static final Comparator<UsePosition> ORDER =
      Comparator.comparingInt(UsePosition::hour).thenComparingLong(UsePosition::id);

  /** The hour that an instant lies in. */
  public static int hourOf(Instant instant) {
    return (int) (instant.getEpochSecond() / BUCKET.toSeconds());
  }

  /** When the hour began. */
  public Instant since() {
    return Instant.ofEpochSecond(hour * BUCKET.toSeconds());
  }

  /** The next place. */
  public UsePosition next() {
    return new UsePosition(hour, id + 1);
  }

  @Override
  public int compareTo(UsePosition other) {
    return ORDER.compare(this, other);
  }
}

package dev.layercache.load.measure;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import java.util.zip.DataFormatException;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Latencies of a load, three digits exact. Thread-safe.
 *
 * <p>A paced load records the time since an operation was due, not since it was sent: otherwise a
 * server that stalls is asked less often just then, and the stall is hardly seen (coordinated
 * omission).
 */
public final class Latencies {
  private static final long LONGEST = TimeUnit.HOURS.toNanos(1);
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double[] CURVE = {
    0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100
  };

  private final Histogram histogram = new ConcurrentHistogram(LONGEST, 3);

  /** A point of the distribution. */
  public record Point(double percentile, double millis) {}

  public void recordNanos(long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, LONGEST));
  }

  public long count() {
    return histogram.getTotalCount();
  }

  /** In milliseconds. */
  public double percentile(double percentile) {
    return histogram.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
  }

  /** In milliseconds. */
  public double max() {
    return histogram.getMaxValue() / NANOS_PER_MILLI;
  }

  /** The distribution, for a plot. */
  public List<Point> curve() {
    return DoubleStream.of(CURVE).mapToObj(p -> new Point(p, percentile(p))).toList();
  }

  /** All of it as one word, for another process. */
  public String encode() {
    var buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(buffer);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
  }

  /**
   * What another process encoded.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static Latencies decode(String text) {
    try {
      var bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
      var latencies = new Latencies();
      latencies.histogram.add(Histogram.decodeFromCompressedByteBuffer(bytes, 0));
      return latencies;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("not encoded latencies: " + text, e);
    }
  }

  /** Takes in what {@code other} recorded. */
  public void add(Latencies other) {
    histogram.add(other.histogram);
  }
}

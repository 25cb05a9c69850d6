package dev.layercache.cli;

import java.util.Locale;

/** Amounts as people read them. */
public final class Sizes {
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Sizes() {}

  /** Bytes with a binary unit and one digit after the point: {@code 1.5 MiB}. */
  public static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    // 1023.95 would be shown as 1024.0.
    while (value >= 1023.95 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** Bytes in a time, per second. */
  public static String rate(long bytes, double seconds) {
    return seconds <= 0 ? "-" : bytes((long) (bytes / seconds)) + "/s";
  }
}

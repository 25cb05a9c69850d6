package dev.layercache.server.config;

import java.util.regex.Pattern;

/** An amount of disk: bytes, or a share of the volume. */
public sealed interface DiskShare {
  /**
   * The least budget: the database's library, lists, log and what it writes by itself take about
   * half of it.
   */
  DataSize LEAST = DataSize.ofMebibytes(64);

  /** What it comes to on a volume of {@code volumeBytes}. */
  long bytes(long volumeBytes);

  /** So many bytes, whatever the volume. */
  record Fixed(DataSize size) implements DiskShare {
    @Override
    public long bytes(long volumeBytes) {
      return size.bytes();
    }
  }

  /**
   * A share of the volume.
   *
   * @param percent 1 to 100
   */
  record Percent(int percent) implements DiskShare {
    public Percent {
      if (percent < 1 || percent > 100) {
        throw new IllegalArgumentException("%d%% (expected: 1%% to 100%%)".formatted(percent));
      }
    }

    @Override
    public long bytes(long volumeBytes) {
      return volumeBytes / 100 * percent;
    }
  }

  /**
   * Reads {@code 200GiB} or {@code 80%}.
   *
   * @throws IllegalArgumentException if it is neither, or less than {@link #LEAST}
   */
  static DiskShare parse(String text) {
    var percent = Pattern.compile("(\\d{1,3})\\s*%").matcher(text.strip());
    if (percent.matches()) {
      return new Percent(Integer.parseInt(percent.group(1)));
    }
    var size = DataSize.parse(text);
    if (size.bytes() < LEAST.bytes()) {
      throw new IllegalArgumentException("'%s' (expected: at least %s)".formatted(text, LEAST));
    }
    return new Fixed(size);
  }
}

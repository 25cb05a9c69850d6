package dev.layercache.server.config;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An amount of bytes, written as a number and a unit: {@code 32GiB}.
 *
 * @param bytes at least 0
 */
public record DataSize(long bytes) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");

  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("data size: %d bytes (expected: >= 0)".formatted(bytes));
    }
  }

  /** A number of mebibytes (1,048,576 bytes). */
  public static DataSize ofMebibytes(long mebibytes) {
    return new DataSize(Math.multiplyExact(mebibytes, Unit.MiB.bytes));
  }

  /**
   * Reads a whole number, followed by B, KiB, MiB, GiB or TiB; without a unit it is bytes.
   *
   * @throws IllegalArgumentException if it is not of that form, or more than a {@code long} holds
   */
  public static DataSize parse(String text) {
    var matcher = FORM.matcher(text.strip());
    var unit = matcher.matches() ? Unit.of(matcher.group(2)) : Optional.<Unit>empty();
    if (unit.isEmpty()) {
      throw malformed(text);
    }
    try {
      return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit.get().bytes));
    } catch (ArithmeticException e) {
      throw malformed(text);
    }
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'%s' is not a size (expected: a whole number below 8 EiB with B, KiB, MiB, GiB or TiB, such as 32GiB)"
            .formatted(text));
  }

  /** In the largest unit that divides it: {@code 32GiB}. */
  @Override
  public String toString() {
    var units = Unit.values();
    for (int i = units.length - 1; i > 0; i--) {
      if (bytes != 0 && bytes % units[i].bytes == 0) {
        return bytes / units[i].bytes + units[i].name();
      }
    }
    return bytes + "B";
  }

  private enum Unit {
    B(1),
    KiB(1L << 10),
    MiB(1L << 20),
    GiB(1L << 30),
    TiB(1L << 40);

    private final long bytes;

    Unit(long bytes) {
      this.bytes = bytes;
    }

    static Optional<Unit> of(String name) {
      return name.isEmpty()
          ? Optional.of(B)
          : Arrays.stream(values()).filter(unit -> unit.name().equals(name)).findFirst();
    }
  }
}

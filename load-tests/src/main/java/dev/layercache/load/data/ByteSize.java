package dev.layercache.load.data;

import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes, as {@code 4KiB}, {@code 256MiB}, {@code 1GiB} or a plain number. */
public record ByteSize(long bytes) {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,9})(|B|KiB|MiB|GiB)");

  /** On the command line. */
  public static final class Converter implements ITypeConverter<ByteSize> {
    @Override
    public ByteSize convert(String value) {
      var match = FORM.matcher(value);
      if (!match.matches()) {
        throw new TypeConversionException(
            "size: %s (expected: a number with B, KiB, MiB or GiB)".formatted(value));
      }
      int shift =
          switch (match.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
          };
      return new ByteSize(Long.parseLong(match.group(1)) << shift);
    }
  }

  /** With the largest unit that divides it. */
  @Override
  public String toString() {
    var units = new String[] {"B", "KiB", "MiB", "GiB"};
    int unit = Math.min(3, Long.numberOfTrailingZeros(bytes) / 10);
    return String.format(Locale.ROOT, "%d %s", bytes >> (10 * unit), units[unit]);
  }
}

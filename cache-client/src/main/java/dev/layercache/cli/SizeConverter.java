package dev.layercache.cli;

import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Bytes with a binary unit on the command line: {@code 50GiB}. */
final class SizeConverter implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})(B|KiB|MiB|GiB|TiB)");
  private static final Map<String, Integer> SHIFTS =
      Map.of("B", 0, "KiB", 10, "MiB", 20, "GiB", 30, "TiB", 40);

  @Override
  public Long convert(String value) {
    var matcher = FORM.matcher(value.strip());
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "'%s' (expected: a whole number with B, KiB, MiB, GiB or TiB)".formatted(value));
    }
    int shift = SHIFTS.getOrDefault(matcher.group(2), 0);
    long number = Long.parseLong(matcher.group(1));
    if (number > Long.MAX_VALUE >> shift) {
      throw new TypeConversionException("'%s' (expected: less than 8 EiB)".formatted(value));
    }
    return number << shift;
  }
}

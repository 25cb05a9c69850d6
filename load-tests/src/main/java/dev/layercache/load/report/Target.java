package dev.layercache.load.report;

import java.util.Locale;

/**
 * A figure that was promised, beside the one that was reached.
 *
 * @param claim what is measured
 * @param wanted the bound that {@code reached} must keep
 */
public record Target(String claim, double reached, Bound bound, double wanted, String unit) {

  /** Which side of the wanted figure is the good one. */
  public enum Bound {
    AT_LEAST("at least"),
    AT_MOST("at most"),
    LESS_THAN("less than");

    private final String words;

    Bound(String words) {
      this.words = words;
    }
  }

  public boolean met() {
    return switch (bound) {
      case AT_LEAST -> reached >= wanted;
      case AT_MOST -> reached <= wanted;
      case LESS_THAN -> reached < wanted;
    };
  }

  /** The wanted figure in words. */
  public String wish() {
    return "%s %s".formatted(bound.words, format(wanted));
  }

  /** The reached figure with its unit. */
  public String result() {
    return format(reached);
  }

  private String format(double value) {
    int decimals = value >= 1000 ? 0 : value >= 20 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f %s", value, unit).trim();
  }
}

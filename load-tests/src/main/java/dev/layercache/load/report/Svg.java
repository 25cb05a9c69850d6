package dev.layercache.load.report;

import java.util.List;
import java.util.Locale;

/** Pieces of SVG, and the look that all plots share. */
final class Svg {
  private static final List<String> COLORS =
      List.of("#2563eb", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#64748b");

  private final StringBuilder text = new StringBuilder();

  Svg(int width, int height) {
    add("<svg viewBox='0 0 %d %d' width='%d' role='img'>", width, height, width);
  }

  /** The color of the variant or line with this number. */
  static String color(int index) {
    return COLORS.get(index % COLORS.size());
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
  }

  /** A number in three digits or so. */
  static String number(double value) {
    int decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  Svg rectangle(double x, double y, double width, double height, String color, String hint) {
    return add(
        "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='%s'><title>%s</title></rect>",
        x, y, width, height, color, escape(hint));
  }

  Svg line(double x1, double y1, double x2, double y2, String color) {
    return add(
        "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s'/>", x1, y1, x2, y2, color);
  }

  Svg polyline(String points, String color) {
    return add("<polyline points='%s' fill='none' stroke='%s' stroke-width='2'/>", points, color);
  }

  /**
   * @param anchor start, middle or end
   */
  Svg text(double x, double y, String anchor, String content) {
    return add("<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>", x, y, anchor, escape(content));
  }

  private Svg add(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    return this;
  }

  @Override
  public String toString() {
    return text + "</svg>\n";
  }
}

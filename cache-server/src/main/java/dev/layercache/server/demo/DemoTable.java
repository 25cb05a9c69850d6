package dev.layercache.server.demo;

import dev.layercache.cli.Sizes;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the demonstration moved, for people and for programs. */
final class DemoTable {
  private static final String ROW = "%-40s %16s %14s %9s";

  private DemoTable() {}

  static void print(List<DemoStep> steps, PrintWriter out) {
    out.println();
    out.println(row("", "without a cache", "with it", "time"));
    for (DemoStep step : steps) {
      var report = step.report();
      out.println(
          row(
              step.what(),
              Sizes.bytes(report.bytesTotal()),
              Sizes.bytes(report.bytesTransferred()),
              seconds(report.elapsed().toMillis())));
    }
    out.println(
        row(
            "all",
            Sizes.bytes(total(steps)),
            Sizes.bytes(moved(steps)),
            seconds(steps.stream().mapToLong(step -> step.report().elapsed().toMillis()).sum())));
    out.println();
    out.println(
        "%d of 100 bytes stayed where they were. Agent B's copies are those of agent A, byte for byte."
            .formatted(100 - Math.round(100.0 * moved(steps) / total(steps))));
  }

  static Map<String, Object> json(List<DemoStep> steps) {
    var object = new LinkedHashMap<String, Object>();
    object.put(
        "steps",
        steps.stream()
            .map(
                step -> {
                  var one = new LinkedHashMap<String, Object>();
                  one.put("step", step.what());
                  one.put("bytesTotal", step.report().bytesTotal());
                  one.put("bytesTransferred", step.report().bytesTransferred());
                  one.put("seconds", step.report().elapsed().toMillis() / 1000.0);
                  return one;
                })
            .toList());
    object.put("bytesTotal", total(steps));
    object.put("bytesTransferred", moved(steps));
    return object;
  }

  private static long total(List<DemoStep> steps) {
    return steps.stream().mapToLong(step -> step.report().bytesTotal()).sum();
  }

  private static long moved(List<DemoStep> steps) {
    return steps.stream().mapToLong(step -> step.report().bytesTransferred()).sum();
  }

  private static String row(String what, String total, String moved, String time) {
    return ROW.formatted(what, total, moved, time);
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }
}

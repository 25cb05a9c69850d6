package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.measure.ProcessMeter;
import dev.layercache.load.measure.Trend;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.server.LayercacheProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Mixed load for long: memory and latency must be flat. */
final class SoakSuite implements Suite {
  private static final Duration NORMAL = Duration.ofHours(1);
  private static final Duration QUICK = Duration.ofSeconds(4);
  private static final Duration WINDOW = Duration.ofMinutes(1);

  /** A short run has shorter windows: slopes need a few. */
  private static final int FEWEST_WINDOWS = 6;

  private static final double MIB = 1 << 20;
  private static final double SECONDS_PER_MINUTE = 60;
  private static final double MINUTES_PER_HOUR = 60;

  @Override
  public String name() {
    return "soak";
  }

  @Override
  public String description() {
    return "Mixed load at a steady pace for an hour (--seconds): pushes, pulls, small blobs, look-ups; memory and latency over time.";
  }

  @Override
  public boolean runsUnasked() {
    return false;
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var duration = bench.settings().duration().orElse(bench.settings().quick() ? QUICK : NORMAL);
    bench.requireSpace(SoakLoad.bytes(duration));
    var server = bench.startLayercache(List.of());
    var window = shorter(WINDOW, duration.dividedBy(FEWEST_WINDOWS));
    try (var load = new SoakLoad(server, bench.blobs())) {
      bench.progress("warming up for " + window);
      window(load, window);
      var record = new Record(recorder, server);
      long windows = Math.max(1, duration.dividedBy(window));
      for (long i = 0; i < windows; i++) {
        record.window(load, window, i);
        bench.progress("window %d of %d: %s".formatted(i + 1, windows, record.last()));
      }
      record.finish();
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Everything at once, for one window. */
  private static Map<String, Load> window(SoakLoad load, Duration window)
      throws IOException, InterruptedException {
    try (var threads = Executors.newCachedThreadPool()) {
      var running = new LinkedHashMap<String, Future<Load>>();
      for (var flow : load.flows()) {
        running.put(flow.name(), threads.submit(() -> flow.run(window)));
      }
      var ended = new LinkedHashMap<String, Load>();
      for (var one : running.entrySet()) {
        try {
          ended.put(one.getKey(), one.getValue().get());
        } catch (ExecutionException e) {
          throw new IOException("%s failed: %s".formatted(one.getKey(), e.getCause()), e);
        }
      }
      return ended;
    }
  }

  /** What the windows showed. */
  private static final class Record {
    private final SuiteRecorder recorder;
    private final LayercacheProcess server;
    private final ProcessMeter meter;
    private final List<Double> minutes = new ArrayList<>();
    private final List<Double> resident = new ArrayList<>();
    private final Map<String, List<Double>> p99 = new LinkedHashMap<>();
    private final Map<String, Latencies> latencies = new LinkedHashMap<>();

    Record(SuiteRecorder recorder, LayercacheProcess server) {
      this.recorder = recorder;
      this.server = server;
      this.meter = server.meter().orElseThrow();
    }

    void window(SoakLoad load, Duration window, long index)
        throws IOException, InterruptedException {
      meter.resetPeak();
      var before = meter.now();
      var ended = SoakSuite.window(load, window);
      var used = meter.now().since(before);
      minutes.add(index * window.toMillis() / 1e3 / SECONDS_PER_MINUTE);
      resident.add(used.peakResidentBytes() / MIB);
      recorder.value("all", server.name(), Metric.PEAK_RESIDENT, resident.getLast());
      recorder.value("all", server.name(), Metric.CPU_SECONDS, used.cpuSeconds());
      ended.forEach(
          (name, one) -> {
            latencies.computeIfAbsent(name, n -> new Latencies()).add(one.latencies());
            p99.computeIfAbsent(name, n -> new ArrayList<>()).add(one.latencies().percentile(99));
          });
    }

    String last() {
      var slowest = p99.values().stream().mapToDouble(values -> values.getLast()).max().orElse(0);
      return "%.0f MiB, slowest p99 %.1f ms".formatted(resident.getLast(), slowest);
    }

    void finish() {
      recorder.value(
          "all",
          server.name(),
          Metric.RESIDENT_SLOPE,
          Trend.slope(minutes, resident) * MINUTES_PER_HOUR);
      recorder.claim(
          "peak RSS, median of the second half of the run / of the first",
          Trend.secondHalfOverFirst(resident),
          Bound.AT_MOST,
          1.1);
      var memory = new GrowthLines();
      var latency = new GrowthLines();
      for (int i = 0; i < minutes.size(); i++) {
        memory.add("peak RSS", minutes.get(i), resident.get(i));
      }
      p99.forEach(
          (name, values) -> {
            recorder.latencies(name, server.name(), latencies.getOrDefault(name, new Latencies()));
            recorder.value(name, server.name(), Metric.LATENCY_SLOPE, Trend.slope(minutes, values));
            recorder.claim(
                name + ": p99, median of the second half of the run / of the first",
                Trend.secondHalfOverFirst(values),
                Bound.AT_MOST,
                1.5);
            for (int i = 0; i < minutes.size(); i++) {
              latency.add(name, minutes.get(i), values.get(i));
            }
          });
      recorder.growth(memory.plot("peak RSS of each window, MiB", "minutes"));
      recorder.growth(latency.plot("p99 of each window, ms", "minutes"));
      recorder.note(
          "Loads are paced; latencies count from the moment an operation was due. The first window is not counted. The store grows by what is pushed: nothing is deleted.");
    }
  }
}

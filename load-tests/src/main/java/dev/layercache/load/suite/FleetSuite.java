package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.fleet.Day;
import dev.layercache.load.fleet.Fleet;
import dev.layercache.load.fleet.LowerBound;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import java.io.IOException;
import java.util.List;

/** The headline: how network bytes and time grow with machines and builds, with and without. */
final class FleetSuite implements Suite {
  private static final double GIB = 1L << 30;
  private static final int JOBS_EACH = 4;
  private static final List<Integer> MACHINES = List.of(10, 50, 200);
  private static final List<Integer> FEW_MACHINES = List.of(1, 4);
  private static final long UNIT = 128 << 10;
  private static final long SMALL_UNIT = 8 << 10;
  private static final String LOWER_BOUND = "lower bound";

  @Override
  public String name() {
    return "fleet";
  }

  @Override
  public String description() {
    return "A day of N build machines, 4 builds each, of %d applications on %d base images: bytes over the network and time, over a wire of %d Mbit/s to the upstream registry."
        .formatted(Day.APPLICATIONS, Day.BASES, FleetVariant.UPSTREAM_MBIT);
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var sizes = bench.settings().atOnce(bench.settings().quick() ? FEW_MACHINES : MACHINES);
    long unit = bench.settings().blobSize(UNIT, SMALL_UNIT);
    bench.requireSpace(4 * unit * Day.IMAGE_UNITS * JOBS_EACH * sizes.getLast());
    var bytes = new GrowthLines();
    var seconds = new GrowthLines();
    for (int machines : sizes) {
      var byBuilds = new GrowthLines();
      for (int run = 1; run <= bench.settings().runs(); run++) {
        byBuilds = new GrowthLines();
        var day = new Day(bench.blobs(), machines, JOBS_EACH, unit);
        for (var variant : FleetVariant.values()) {
          bench.progress("run %d, %d machines, %s".formatted(run, machines, variant.title()));
          variant(bench, recorder, byBuilds, variant, day, machines);
        }
        lowerBound(recorder, byBuilds, day, machines);
      }
      bytes.addLast(machines, byBuilds);
      for (var variant : FleetVariant.values()) {
        recorder
            .summary(scenario(machines), variant.title(), Metric.SECONDS)
            .ifPresent(found -> seconds.add(variant.title(), machines, found.median()));
      }
      if (machines == sizes.getLast()) {
        recorder.growth(bytes.plot("network in a day, GiB", "machines, 4 builds each"));
        recorder.growth(seconds.plot("time of a day, s", "machines, 4 builds each"));
        recorder.growth(
            byBuilds.plot("network over a day of %d machines, GiB".formatted(machines), "builds"));
      }
    }
    targets(recorder, scenario(sizes.getLast()));
    FleetVariant.notes().forEach(recorder::note);
  }

  private static void variant(
      Bench bench,
      SuiteRecorder recorder,
      GrowthLines lines,
      FleetVariant variant,
      Day day,
      int machines)
      throws IOException, InterruptedException {
    if (variant == FleetVariant.MIRROR && !bench.hasDockerRegistry()) {
      return;
    }
    try (var started = FleetSite.start(bench, day)) {
      var fleet = new Fleet(started.open(variant), machines, started::bytes);
      var outcome = bench.measure(started.server(), () -> fleet.run(day));
      var after = fleet.bytesAfterRounds();
      for (int round = 0; round < after.size(); round++) {
        lines.add(variant.title(), (round + 1) * machines, after.get(round) / GIB);
      }
      var scenario = scenario(machines);
      recorder.value(scenario, variant.title(), Metric.NETWORK_GIB, lines.last(variant.title()));
      recorder.value(scenario, variant.title(), Metric.UPSTREAM_GIB, started.upstreamBytes() / GIB);
      recorder.value(scenario, variant.title(), Metric.SECONDS, outcome.load().seconds());
      outcome
          .usage()
          .ifPresent(
              used ->
                  recorder.value(scenario, variant.title(), Metric.CPU_SECONDS, used.cpuSeconds()));
    }
  }

  private static void lowerBound(SuiteRecorder recorder, GrowthLines lines, Day day, int machines) {
    var bound = new LowerBound();
    for (int round = 0; round < JOBS_EACH; round++) {
      double least = bound.after(day.rounds().get(round)) / GIB;
      lines.add(LOWER_BOUND, (round + 1) * machines, least);
    }
    var scenario = scenario(machines);
    recorder.value(scenario, LOWER_BOUND, Metric.NETWORK_GIB, lines.last(LOWER_BOUND));
    recorder.value(scenario, LOWER_BOUND, Metric.UPSTREAM_GIB, bound.upstreamBytes() / GIB);
  }

  /** Only what bytes can promise: they do not depend on the machine. */
  private static void targets(SuiteRecorder recorder, String scenario) {
    recorder.ratio(
        "%s: network, layercache with agents / lower bound".formatted(scenario),
        scenario,
        FleetVariant.AGENTS.title(),
        LOWER_BOUND,
        Metric.NETWORK_GIB,
        Bound.AT_MOST,
        1.05);
    recorder.ratio(
        "%s: upstream, layercache / lower bound".formatted(scenario),
        scenario,
        FleetVariant.LAYERCACHE.title(),
        LOWER_BOUND,
        Metric.UPSTREAM_GIB,
        Bound.AT_MOST,
        1.05);
  }

  private static String scenario(int machines) {
    return "%d machines, %d builds".formatted(machines, machines * JOBS_EACH);
  }
}

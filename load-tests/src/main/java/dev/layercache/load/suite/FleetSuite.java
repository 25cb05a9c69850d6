package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.fleet.Day;
import dev.layercache.load.fleet.Fleet;
import dev.layercache.load.fleet.LowerBound;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.List;

/** The headline: how network bytes grow with agents and with builds, with and without a cache. */
final class FleetSuite implements Suite {
  private static final double GIB = 1L << 30;
  private static final int JOBS_EACH = 4;
  private static final List<Integer> AGENTS = List.of(1, 4, 8, 16);
  private static final List<Integer> FEW_AGENTS = List.of(1, 2);
  private static final String NO_CACHE = "no cache";
  private static final String LOWER_BOUND = "lower bound";

  @Override
  public String name() {
    return "fleet";
  }

  @Override
  public String description() {
    return "A day of N agents that pull, build and push images of 8 applications on 2 bases, each of about 41 MiB: bytes over the network, and time.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var sizes = bench.settings().quick() ? FEW_AGENTS : AGENTS;
    long unit = bench.settings().blobSize(1 << 20, 32 << 10);
    bench.requireSpace(unit * Day.IMAGE_UNITS * JOBS_EACH * sizes.getLast());
    var byAgents = new GrowthLines();
    for (int agents : sizes) {
      var byBuilds = new GrowthLines();
      for (int run = 1; run <= bench.settings().runs(); run++) {
        bench.progress("run %d, %d agents".formatted(run, agents));
        var day = new Day(bench.blobs(), agents, JOBS_EACH, unit);
        byBuilds = run(bench, recorder, day, agents);
      }
      byAgents.addLast(agents, byBuilds);
      if (agents == sizes.getLast()) {
        recorder.growth(byAgents.plot("network in a day, GiB", "agents, 4 builds each"));
        recorder.growth(
            byBuilds.plot("network over a day of %d agents, GiB".formatted(agents), "builds"));
      }
    }
    recorder.note(
        "No cache: every image moves whole, each time. Otherwise agents keep what they have and ask before they send (HEAD, then a mount from the base's repository). Base images are on the server when the day begins and get one update at noon. The network is the loopback interface, so times show what the work costs, not what a wire would.");
  }

  /** One run, the servers one after another; returns how bytes grew over the day. */
  private static GrowthLines run(Bench bench, SuiteRecorder recorder, Day day, int agents)
      throws IOException, InterruptedException {
    var lines = new GrowthLines();
    for (var server : bench.startRegistries()) {
      work(bench, recorder, lines, server, server.name(), new Fleet(server, agents, true), day);
      bench.stop(server);
    }
    var server = bench.startLayercache(List.of());
    work(bench, recorder, lines, server, NO_CACHE, new Fleet(server, agents, false), day);
    bench.stop(server);
    var bound = new LowerBound(day);
    for (int round = 0; round < JOBS_EACH; round++) {
      double least = bound.after(day.rounds().get(round)) / GIB;
      lines.add(LOWER_BOUND, (round + 1) * agents, least);
    }
    recorder.value(scenario(agents), LOWER_BOUND, Metric.NETWORK_GIB, lines.last(LOWER_BOUND));
    return lines;
  }

  private static void work(
      Bench bench,
      SuiteRecorder recorder,
      GrowthLines lines,
      Server server,
      String variant,
      Fleet fleet,
      Day day)
      throws IOException, InterruptedException {
    Fleet.prepare(server, day);
    var outcome = bench.measure(server, () -> fleet.run(day));
    int agents = day.rounds().getFirst().size();
    var after = fleet.bytesAfterRounds();
    for (int round = 0; round < after.size(); round++) {
      lines.add(variant, (round + 1) * agents, after.get(round) / GIB);
    }
    recorder.value(scenario(agents), variant, Metric.NETWORK_GIB, lines.last(variant));
    recorder.value(scenario(agents), variant, Metric.SECONDS, outcome.load().seconds());
    outcome
        .usage()
        .ifPresent(
            used ->
                recorder.value(scenario(agents), variant, Metric.CPU_SECONDS, used.cpuSeconds()));
  }

  private static String scenario(int agents) {
    return "%d agents, %d builds".formatted(agents, agents * JOBS_EACH);
  }
}

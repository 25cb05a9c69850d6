package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.grpc.BlobTransfers;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.probe.Call;
import dev.layercache.load.probe.Crowd;
import dev.layercache.load.probe.CrowdProcess;
import dev.layercache.load.probe.ProbeProcess;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.server.LayercacheProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Small calls at a steady pace while others read cold blobs and write. */
final class ResponsivenessSuite implements Suite {
  private static final long SPACE = 32L << 30;

  /** Enough that the second worst of a hundred calls is not one of two. */
  private static final Duration MEASURED = Duration.ofSeconds(5);

  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration QUICK = Duration.ofMillis(500);

  @Override
  public String name() {
    return "responsiveness";
  }

  @Override
  public String description() {
    return "Small calls, 100 a second, idle and while 64 readers of cold blobs and 4 writers run.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    boolean quick = bench.settings().quick();
    long size = bench.settings().blobSize(32 << 20, 1 << 20);
    bench.requireSpace(SPACE);
    var data = bench.newDirectory("data");
    var server = bench.startLayercache(data, List.of());
    bench.progress("storing %d blobs".formatted(Crowd.READERS));
    var blobs = bench.blobs().make(Crowd.READERS, size);
    try (var channels = new Channels(server.grpc(), Crowd.WRITERS)) {
      new BlobTransfers(channels).upload(blobs);
    }
    bench.progress("warming up");
    try (var probe =
        ProbeProcess.start(
            bench.newDirectory("probe"), server, blobs.getFirst(), quick ? QUICK : WARM_UP)) {
      var duration = bench.settings().loadDuration(MEASURED);
      for (int run = 1; run <= bench.settings().runs(); run++) {
        bench.progress("run %d, idle".formatted(run));
        record(recorder, server, "idle", probe.measure(duration));
        bench.progress("run %d, under load".formatted(run));
        long seed = bench.settings().seed() + run;
        underLoad(bench, recorder, server, data, blobs, seed, () -> probe.measure(duration));
      }
    }
    for (var call : Call.values()) {
      var scenario = scenario(call, "under load");
      recorder.target(
          scenario + ": p99", scenario, server.name(), Metric.LATENCY_P99, Bound.LESS_THAN, 20);
    }
    recorder.note(
        "Readers and writers are a process of the lowest priority, the calls come from another: what is measured is the server, as far as one machine allows it.");
  }

  private interface Measurement {
    Map<Call, Latencies> run() throws IOException, InterruptedException;
  }

  private static void underLoad(
      Bench bench,
      SuiteRecorder recorder,
      LayercacheProcess server,
      Path data,
      List<Blob> blobs,
      long seed,
      Measurement measurement)
      throws IOException, InterruptedException {
    bench.sync();
    try (var crowd = CrowdProcess.start(bench.newDirectory("crowd"), server, data, blobs, seed)) {
      record(recorder, server, "under load", measurement.run());
      recorder.value(
          "64 cold readers", server.name(), Metric.THROUGHPUT, crowd.end() / (double) (1L << 30));
    }
  }

  private static String scenario(Call call, String state) {
    return "%s, %s".formatted(call.title(), state);
  }

  private static void record(
      SuiteRecorder recorder, LayercacheProcess server, String state, Map<Call, Latencies> found) {
    found.forEach(
        (call, latencies) -> recorder.latencies(scenario(call, state), server.name(), latencies));
  }
}

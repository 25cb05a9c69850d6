package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import java.io.IOException;
import java.util.List;

/** A store of ten million small blobs and a hundred thousand layers. */
final class ScaleSuite implements Suite {
  private static final String OURS = "layercache";
  private static final String START = "start";
  private static final String RESIDENT = "resident after the start and 20 s of FindMissing";
  private static final int SMALL_BYTES = 100;

  /** Above the filler's crossover: a file each, little data. */
  private static final int LAYER_BYTES = 2 << 10;

  private static final int WRITERS = 128;
  private static final int LAYER_WRITERS = 32;
  private static final int ASKED_FOR = 5_000;
  private static final double MIB = 1 << 20;
  private static final long SPACE = 16L << 30;

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String description() {
    return "A store of 10,000,000 small blobs and 100,000 layers with small bodies: deletion, time"
        + " until ready, memory, FindMissing.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    bench.requireSpace(SPACE);
    // What is deleted is among the last 200,000; what is asked for is among the first.
    int small = bench.settings().count(10_000_000, 250_000);
    int layers = bench.settings().count(100_000, 1_000);
    long seed = bench.settings().seed() + 1;
    var data = bench.newDirectory("data");
    bench.progress("storing %,d small blobs and %,d layers".formatted(small, layers));
    var rates =
        StoreFiller.fill(
            bench,
            data,
            seed,
            "put:%d:%d:%d".formatted(small, SMALL_BYTES, WRITERS),
            "delete:%d:%d".formatted(small / 100, WRITERS),
            "put:%d:%d:%d".formatted(layers, LAYER_BYTES, LAYER_WRITERS),
            "delete:%d:%d".formatted(layers / 20, LAYER_WRITERS));
    rate(recorder, "storing %,d blobs of 100 bytes, durable".formatted(small), rates.get(0));
    rate(recorder, "deletion of small blobs", rates.get(1));
    rate(recorder, "storing %,d layers of 2 KiB, durable".formatted(layers), rates.get(2));
    rate(recorder, "deletion of layers", rates.get(3));
    var present = new BlobFactory(seed).make(ASKED_FOR, SMALL_BYTES);
    var absent = bench.blobs().make(ASKED_FOR, SMALL_BYTES);
    for (int run = 1; run <= bench.settings().runs(); run++) {
      bench.progress("run %d, start".formatted(run));
      var server = bench.startLayercache(data, List.of());
      recorder.value(START, OURS, Metric.SECONDS, server.startTime().toNanos() / 1e9);
      try (var channels = new Channels(server.grpc(), 4)) {
        var calls = new SmallCalls(bench, server, channels, present, absent);
        // The filter of absent blobs is filled in the background.
        calls.findMissing(new SuiteRecorder());
        calls.findMissing(recorder);
      }
      var meter = server.meter().orElseThrow();
      recorder.value(RESIDENT, OURS, Metric.PEAK_RESIDENT, meter.now().peakResidentBytes() / MIB);
      bench.stop(server);
    }
    recorder.target("time until ready", START, OURS, Metric.SECONDS, Bound.LESS_THAN, 5);
  }

  private static void rate(SuiteRecorder recorder, String scenario, double value) {
    recorder.value(scenario, OURS, Metric.RATE, value);
  }
}

package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A store with much in it: how soon it is ready again, how fast it takes in files and lets go. */
final class RestartSuite implements Suite {
  private static final String OURS = "layercache";
  private static final String STARTED = "start after SIGTERM";
  private static final String RECOVERED = "start after kill -9";
  private static final long SPACE = 16L << 30;

  private static final int SMALL_BYTES = 1 << 10;
  private static final int LAYER_BYTES = 260 << 10;

  /** Just above the filler's crossover: a file each, little data. */
  private static final int FILE_BYTES = 2 << 10;

  private static final int SMALL_WRITERS = 128;
  private static final int FILE_WRITERS = 32;

  @Override
  public String name() {
    return "restart";
  }

  @Override
  public String description() {
    return "A store of 1,000,000 small blobs and 10,000 layers: time until ready. A store of"
        + " 100,000 ingested files: ingestion and eviction.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    bench.requireSpace(SPACE);
    restart(bench, recorder);
    manyFiles(bench, recorder);
  }

  private static void restart(Bench bench, SuiteRecorder recorder)
      throws IOException, InterruptedException {
    int small = bench.settings().count(1_000_000, 10_000);
    int layers = bench.settings().count(10_000, 100);
    var data = bench.newDirectory("data");
    bench.progress("storing %,d small blobs and %,d layers".formatted(small, layers));
    var rates =
        StoreFiller.fill(
            bench,
            data,
            "put:%d:%d:%d".formatted(small, SMALL_BYTES, SMALL_WRITERS),
            "put:%d:%d:%d".formatted(layers, LAYER_BYTES, FILE_WRITERS));
    recorder.value(
        "storing %,d blobs of 1 KiB, durable".formatted(small), OURS, Metric.RATE, rates.get(0));
    recorder.value(
        "storing %,d layers of 260 KiB, durable".formatted(layers),
        OURS,
        Metric.RATE,
        rates.get(1));
    for (int run = 1; run <= bench.settings().runs(); run++) {
      bench.progress("run %d, start".formatted(run));
      start(bench, recorder, data, STARTED, false);
      start(bench, recorder, data, "", true);
      start(bench, recorder, data, RECOVERED, false);
    }
    for (var scenario : List.of(STARTED, RECOVERED)) {
      recorder.target(
          scenario + ": time until ready", scenario, OURS, Metric.SECONDS, Bound.LESS_THAN, 3);
    }
    recorder.note("Times until ready count from the start of the process, the JVM's own included.");
  }

  /**
   * @param scenario of the record; nothing is recorded when it is empty
   * @param kill whether it ends by kill -9
   */
  private static void start(
      Bench bench, SuiteRecorder recorder, Path data, String scenario, boolean kill)
      throws IOException, InterruptedException {
    var server = bench.startLayercache(data, List.of());
    if (!scenario.isEmpty()) {
      recorder.value(scenario, OURS, Metric.SECONDS, server.startTime().toNanos() / 1e9);
    }
    if (kill) {
      server.kill();
    }
    bench.stop(server);
  }

  private static void manyFiles(Bench bench, SuiteRecorder recorder)
      throws IOException, InterruptedException {
    int files = bench.settings().count(100_000, 1_000);
    int last = files / 20;
    var data = bench.newDirectory("data");
    bench.progress("ingesting %,d files".formatted(files));
    var rates =
        StoreFiller.fill(
            bench,
            data,
            "put:%d:%d:%d".formatted(files - last, FILE_BYTES, FILE_WRITERS),
            "put:%d:%d:%d".formatted(last, FILE_BYTES, FILE_WRITERS),
            "delete:%d:%d".formatted(last, FILE_WRITERS));
    var ingestion = "ingestion beside %,d files".formatted(files - last);
    var eviction = "eviction among %,d files".formatted(files);
    recorder.value(
        "ingestion of the first %,d files".formatted(files - last),
        OURS,
        Metric.RATE,
        rates.get(0));
    recorder.value(ingestion, OURS, Metric.RATE, rates.get(1));
    recorder.value(eviction, OURS, Metric.RATE, rates.get(2));
    recorder.target(ingestion, ingestion, OURS, Metric.RATE, Bound.AT_LEAST, 100);
    recorder.target(eviction, eviction, OURS, Metric.RATE, Bound.AT_LEAST, 500);
    bench.progress("start with %,d files".formatted(files));
    start(bench, recorder, data, "start with %,d files".formatted(files - last), false);
  }
}

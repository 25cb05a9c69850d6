package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.report.SuiteRecorder;
import java.io.IOException;
import java.util.List;

/** Large blobs into a registry. */
final class PushSuite implements Suite {
  private static final List<Integer> AT_ONCE = List.of(1, 4, 16, 64);
  private static final long LARGE = 256 << 20;

  /** Of one load when more than four move at once: their size is what that leaves. */
  private static final long LOAD_BYTES = 1L << 30;

  /** Transfers in one load, at least: below, CPU time is too coarse. */
  private static final int FEWEST = 4;

  @Override
  public String name() {
    return "blobs/push";
  }

  @Override
  public String description() {
    return "Push (POST, PUT) of unique blobs over HTTP, durable as far as the server makes them so.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var settings = bench.settings();
    var atOnce = settings.atOnce(AT_ONCE);
    long pushed = atOnce.stream().mapToLong(n -> Math.max(n, FEWEST) * size(bench, n)).sum();
    int registries = 2;
    bench.requireSpace(
        registries * (pushed * settings.runs() + BlobBench.warmUpBytes(size(bench, FEWEST))));
    var servers = bench.startRegistries();
    BlobBench.warmUpPushes(bench, servers, size(bench, FEWEST));
    for (int run = 1; run <= settings.runs(); run++) {
      for (int n : atOnce) {
        var blobs = bench.blobs().make(Math.max(n, FEWEST), size(bench, n));
        for (var server : servers) {
          bench.progress("run %d, %d at once, %s".formatted(run, n, server.name()));
          var transfers = BlobBench.transfers(server);
          recorder.transfer(
              BlobBench.scenario("push", size(bench, n), n),
              server.name(),
              bench.measure(server, () -> transfers.push(n, blobs)));
        }
      }
    }
    for (int n : atOnce) {
      BlobBench.pushTargets(recorder, BlobBench.scenario("push", size(bench, n), n));
    }
  }

  private static long size(Bench bench, int atOnce) {
    return bench.settings().blobSize(Math.min(LARGE, LOAD_BYTES / atOnce), 1 << 20);
  }
}

package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Large blobs out of a registry, from the page cache. */
final class PullSuite implements Suite {
  private static final List<Integer> AT_ONCE = List.of(1, 4, 16, 64);

  /** Transfers in one load, at least: below, CPU time is too coarse. */
  private static final int FEWEST = 16;

  /** From here on there is a target: one connection alone measures its round trips. */
  private static final int FEWEST_OF_TARGET = 4;

  @Override
  public String name() {
    return "blobs/pull";
  }

  @Override
  public String description() {
    return "Pull of blobs over HTTP, hot; nginx with sendfile is the bound.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var settings = bench.settings();
    long size = settings.blobSize(256 << 20, 8 << 20);
    var atOnce = settings.atOnce(AT_ONCE);
    int stores = 3;
    bench.requireSpace(stores * BlobBench.PULLED * size);
    var servers = new ArrayList<Server>(bench.startRegistries());
    bench.startNginx().ifPresent(servers::add);
    var hot = bench.blobs().make(BlobBench.PULLED, size);
    BlobBench.place(bench, servers, hot);
    for (int run = 1; run <= settings.runs(); run++) {
      for (int n : atOnce) {
        var pulled = BlobBench.cycle(hot, Math.max(n, FEWEST));
        for (var server : servers) {
          bench.progress("run %d, %d at once, %s".formatted(run, n, server.name()));
          var transfers = BlobBench.transfers(server);
          transfers.pull(BlobBench.PULLED, hot);
          recorder.transfer(
              BlobBench.scenario("hot pull", size, n),
              server.name(),
              bench.measure(server, () -> transfers.pull(n, pulled)));
        }
      }
    }
    for (int n : atOnce) {
      if (n >= FEWEST_OF_TARGET) {
        BlobBench.pullTargets(recorder, BlobBench.scenario("hot pull", size, n));
      }
    }
  }
}

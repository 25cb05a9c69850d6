package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.measure.PageCache;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Large blobs out of a registry, from the disk. */
final class ColdPullSuite implements Suite {
  private static final List<Integer> AT_ONCE = List.of(1, 4, 16, 64);
  private static final int BLOBS = 64;

  @Override
  public String name() {
    return "blobs/cold";
  }

  @Override
  public String description() {
    return "Pull of 64 blobs over HTTP, each once, none of them in the page cache (posix_fadvise).";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var settings = bench.settings();
    long size = settings.blobSize(16 << 20, 1 << 20);
    int stores = 3;
    bench.requireSpace(stores * BLOBS * size);
    var servers = new ArrayList<Server>(bench.startRegistries());
    servers.removeIf(server -> server.data().isEmpty());
    bench.startNginx().ifPresent(servers::add);
    var blobs = bench.blobs().make(BLOBS, size);
    BlobBench.place(bench, servers, blobs);
    var cache = new PageCache();
    for (int run = 1; run <= settings.runs(); run++) {
      for (int n : settings.atOnce(AT_ONCE)) {
        for (var server : servers) {
          bench.progress("run %d, %d at once, %s".formatted(run, n, server.name()));
          var transfers = BlobBench.transfers(server);
          bench.sync();
          cache.drop(server.data().orElseThrow());
          recorder.transfer(
              BlobBench.scenario("cold pull", size, n),
              server.name(),
              bench.measure(server, () -> transfers.pull(n, blobs)));
        }
      }
    }
    recorder.note(
        "Peers that run elsewhere are left out: nobody here can drop their page cache. Below this machine's disk there may be a host that caches too.");
  }
}

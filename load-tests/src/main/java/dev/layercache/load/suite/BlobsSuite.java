package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.data.ByteSize;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.measure.Load;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.parallel.Workers;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Large blobs over HTTP, against docker-registry, with nginx as the bound for pulls. */
final class BlobsSuite implements Suite {
  private static final String REPOSITORY = "bench/blobs";
  private static final String OURS = "layercache";
  private static final String PEER = "docker-registry";

  /** Pulls cycle through these; few enough to stay in the page cache. */
  private static final int PULLED = 4;

  /** Rounds of pushes before any is counted: a server that runs for months is past its compiler. */
  private static final int WARM_UP_PUSHES = 5;

  /** Transfers in one measured load, at least: below, CPU time is too coarse. */
  private static final int FEWEST_PUSHES = 4;

  private static final int FEWEST_PULLS = 8;

  @Override
  public String name() {
    return "blobs";
  }

  @Override
  public String description() {
    return "Push (POST, PUT, unique data) and pull (hot) of large blobs over HTTP.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var settings = bench.settings();
    long size = settings.blobSize(256 << 20, 8 << 20);
    var atOnce = settings.atOnce(List.of(1, 4, 16));
    requireSpace(bench, size, atOnce);
    var registries = bench.startRegistries();
    var servers = new ArrayList<>(registries);
    bench.startNginx().ifPresent(servers::add);
    var hot = bench.blobs().make(PULLED, size);
    for (var server : servers) {
      bench.progress("warming up " + server.name());
      warmUp(server, hot);
    }
    for (var server : registries) {
      for (int round = 0; round < WARM_UP_PUSHES; round++) {
        push(server, FEWEST_PUSHES, bench.blobs().make(FEWEST_PUSHES, size));
      }
    }
    for (int run = 1; run <= settings.runs(); run++) {
      for (int n : atOnce) {
        var blobs = bench.blobs().make(Math.max(n, FEWEST_PUSHES), size);
        for (var server : registries) {
          bench.progress("run %d, push %d at once, %s".formatted(run, n, server.name()));
          var outcome = bench.measure(server, () -> push(server, n, blobs));
          recorder.transfer(scenario("push", size, n), server.name(), outcome);
        }
      }
      for (int n : atOnce) {
        for (var server : servers) {
          bench.progress("run %d, pull %d at once, %s".formatted(run, n, server.name()));
          pull(server, PULLED, hot);
          var outcome =
              bench.measure(server, () -> pull(server, n, cycle(hot, Math.max(n, FEWEST_PULLS))));
          recorder.transfer(scenario("pull", size, n), server.name(), outcome);
        }
      }
    }
    targets(recorder, size, atOnce);
  }

  private static void requireSpace(Bench bench, long size, List<Integer> atOnce)
      throws IOException {
    long pushed = atOnce.stream().mapToLong(n -> Math.max(n, FEWEST_PUSHES)).sum();
    int registries = 2;
    bench.requireSpace(
        size
            * registries
            * (pushed * bench.settings().runs() + WARM_UP_PUSHES * FEWEST_PUSHES + 3 * PULLED));
  }

  /** Every blob goes round once with its digest compared. */
  private static void warmUp(Server server, List<Blob> hot)
      throws IOException, InterruptedException {
    for (var blob : hot) {
      server.place(REPOSITORY, blob);
    }
    try (var client = new RegistryClient(server.http(), REPOSITORY)) {
      for (var blob : hot) {
        client.pullVerified(blob);
      }
    }
    pull(server, PULLED, cycle(hot, 2 * FEWEST_PULLS));
  }

  private static List<Blob> cycle(List<Blob> blobs, int count) {
    var cycled = new ArrayList<Blob>();
    for (int i = 0; i < count; i++) {
      cycled.add(blobs.get(i % blobs.size()));
    }
    return cycled;
  }

  private static Load push(Server server, int atOnce, List<Blob> blobs)
      throws IOException, InterruptedException {
    return transfer(server, atOnce, blobs, RegistryClient::push);
  }

  private static Load pull(Server server, int atOnce, List<Blob> blobs)
      throws IOException, InterruptedException {
    return transfer(server, atOnce, blobs, RegistryClient::pull);
  }

  private interface Transfer {
    void run(RegistryClient client, Blob blob) throws IOException;
  }

  private static Load transfer(Server server, int atOnce, List<Blob> blobs, Transfer transfer)
      throws IOException, InterruptedException {
    var clients = new ArrayList<RegistryClient>();
    try {
      for (int i = 0; i < atOnce; i++) {
        clients.add(new RegistryClient(server.http(), REPOSITORY));
      }
      var load =
          Workers.run(
              atOnce,
              blobs,
              (worker, blob) -> {
                transfer.run(clients.get(worker), blob);
                return blob.size();
              });
      long socket = clients.stream().mapToLong(RegistryClient::socketBytes).sum();
      return load.withSocketBytes(socket);
    } finally {
      for (var client : clients) {
        client.close();
      }
    }
  }

  private static void targets(SuiteRecorder recorder, long size, List<Integer> atOnce) {
    for (int n : atOnce) {
      ratio(recorder, "push", size, n, Metric.THROUGHPUT, Bound.AT_LEAST, 3);
      ratio(recorder, "push", size, n, Metric.CPU_PER_GIB, Bound.AT_MOST, 0.5);
    }
    for (int n : atOnce) {
      if (n >= 4) {
        ratio(recorder, "pull", size, n, Metric.THROUGHPUT, Bound.AT_LEAST, 1);
        ratio(recorder, "pull", size, n, Metric.CPU_PER_GIB, Bound.AT_MOST, 0.6);
      }
    }
  }

  private static void ratio(
      SuiteRecorder recorder,
      String direction,
      long size,
      int atOnce,
      Metric metric,
      Bound bound,
      double wanted) {
    var scenario = scenario(direction, size, atOnce);
    var claim = "%s: %s, %s / %s".formatted(scenario, metric.title(), OURS, PEER);
    recorder.ratio(claim, scenario, OURS, PEER, metric, bound, wanted);
  }

  private static String scenario(String direction, long size, int atOnce) {
    return "%s %s, %d at once".formatted(direction, new ByteSize(size), atOnce);
  }
}

package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.ByteSize;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.net.ShapedNetwork;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import java.io.IOException;

/** Images of a registry that is behind a slow link, with and without a mirror and an agent. */
final class MirrorSuite implements Suite {
  private static final int MEGABITS = 1000;
  private static final int LAYERS = 4;
  private static final int CLIENTS = 200;
  private static final int WARM_UPS = 6;

  /** Upstream, mirror and agent, and what the last needs to be fetched. */
  private static final int COPIES = 3;

  /** Of a cold pull through the mirror against one around it. */
  private static final double COLD = 1.15;

  /** Headers of the network, on top of each byte. */
  private static final double ONCE = 1.1;

  @Override
  public String name() {
    return "mirror";
  }

  @Override
  public String description() {
    return "Pull of an image of 1 GiB from a registry behind 1 Gbit/s: from it, through a mirror, through an agent; 200 clients of one blob that is not there yet.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var obstacle = ShapedNetwork.obstacle();
    if (obstacle.isPresent() || !bench.hasDockerRegistry()) {
      recorder.note("Left out: %s.".formatted(obstacle.orElse("it needs docker-registry")));
      return;
    }
    var settings = bench.settings();
    long layer = settings.blobSize(256 << 20, 8 << 20);
    bench.requireSpace(COPIES * (settings.runs() + 1) * (LAYERS + 2) * layer);
    String pull = "pull of %d x %s".formatted(LAYERS, new ByteSize(layer));
    String herd = "one absent blob of %s".formatted(new ByteSize(layer));
    int clients = settings.count(CLIENTS, CLIENTS / 10);
    try (var network = ShapedNetwork.create(MEGABITS);
        var site = MirrorSite.start(bench, recorder, network)) {
      bench.progress("warming up");
      for (int i = 0; i < WARM_UPS; i++) {
        site.warmUp(LAYERS, layer / 8);
      }
      for (int run = 1; run <= settings.runs(); run++) {
        bench.progress("run %d, %s".formatted(run, pull));
        site.pulls(pull, LAYERS, layer);
        bench.progress("run %d, %s".formatted(run, herd));
        site.herd(herd, 1, layer);
        site.herd(herd, clients, layer);
      }
    }
    targets(recorder, pull);
    recorder.mostTarget(
        "%s: requests upstream".formatted(herd),
        MirrorSite.clients(clients),
        Metric.UPSTREAM_REQUESTS,
        Bound.AT_MOST,
        1);
    recorder.claim(
        "%s: upstream bytes, per byte".formatted(herd),
        upstream(recorder, herd, clients) / (layer / (double) (1 << 30)),
        Bound.AT_MOST,
        ONCE);
    recorder.note(
        "The upstream is a network namespace behind tc-tbf(8) at 1 Gbit/s; the mirror, and a docker-registry with the same image beside it, are in another one, a hop from here over an unshaped veth(4); the agent is here. Pulls are HTTP only, a manifest and then three blobs at a time: nothing is hashed, written or unpacked by the client. The first pull after a cold one reads the mirror's disk, which is why it stands apart.");
  }

  private static double upstream(SuiteRecorder recorder, String herd, int clients) {
    return recorder
        .summary(herd, MirrorSite.clients(clients), Metric.UPSTREAM_GIB)
        .orElseThrow()
        .median();
  }

  private static void targets(SuiteRecorder recorder, String pull) {
    ratio(recorder, pull, MirrorSite.COLD, MirrorSite.DIRECT, Bound.AT_MOST, COLD);
    ratio(recorder, pull, MirrorSite.WARM, MirrorSite.PEER, Bound.AT_MOST, 1);
    ratio(recorder, pull, MirrorSite.AGENT, MirrorSite.WARM, Bound.LESS_THAN, 1);
  }

  private static void ratio(
      SuiteRecorder recorder, String pull, String ours, String peer, Bound bound, double wanted) {
    String claim = "%s: time, %s / %s".formatted(pull, ours, peer);
    recorder.ratio(claim, pull, ours, peer, Metric.SECONDS, bound, wanted);
  }
}

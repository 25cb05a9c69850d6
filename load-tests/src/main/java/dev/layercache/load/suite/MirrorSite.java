package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.fleet.Image;
import dev.layercache.load.http.ImagePull;
import dev.layercache.load.http.Transfers;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.measure.Outcome;
import dev.layercache.load.net.ShapedNetwork;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.DockerRegistry;
import dev.layercache.load.server.LayercacheProcess;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/** The servers of {@link MirrorSuite}, and what is measured with them. Closing it stops them. */
final class MirrorSite implements AutoCloseable {
  static final String DIRECT = "upstream";
  static final String COLD = "cold mirror";
  static final String FIRST = "mirror, first again";
  static final String WARM = "warm mirror";
  static final String PEER = "docker-registry beside it";
  static final String COLD_AGENT = "cold agent, warm mirror";
  static final String AGENT = "warm agent";

  private static final String UPSTREAM = "upstream.example";
  private static final String REPOSITORY = "bench/image";
  private static final int CONFIG_BYTES = 4 << 10;
  private static final double GIB = 1L << 30;

  /** Warm pulls in a run, of each: they take a second. */
  private static final int WARM_PULLS = 3;

  private final Bench bench;
  private final SuiteRecorder recorder;
  private final ShapedNetwork network;
  private final DockerRegistry upstream;

  /** On the same data as the upstream, over the link that is not shaped. */
  private final DockerRegistry beside;

  private final LayercacheProcess mirror;
  private final LayercacheProcess agent;

  private MirrorSite(
      Bench bench,
      SuiteRecorder recorder,
      ShapedNetwork network,
      DockerRegistry upstream,
      DockerRegistry beside)
      throws IOException, InterruptedException {
    this.bench = bench;
    this.recorder = recorder;
    this.network = network;
    this.upstream = upstream;
    this.beside = beside;
    this.mirror = bench.startMirrorOn(network.site(), UPSTREAM, upstream.http());
    this.agent = bench.startAgent(mirror);
  }

  static MirrorSite start(Bench bench, SuiteRecorder recorder, ShapedNetwork network)
      throws IOException, InterruptedException {
    var data = bench.newDirectory("upstream");
    var upstream = bench.startDockerRegistryOn(network.upstream(), data);
    var beside = bench.startDockerRegistryOn(network.site(), data);
    return new MirrorSite(bench, recorder, network, upstream, beside);
  }

  static String clients(int count) {
    return count == 1 ? "1 client" : count + " clients";
  }

  private Image.Base image(int layers, long size) throws IOException {
    var config = bench.blobs().make(CONFIG_BYTES);
    var image =
        new Image.Base(
            REPOSITORY,
            config.digest().hex().substring(0, 12),
            config,
            bench.blobs().make(layers, size));
    image.push(beside.http());
    return image;
  }

  private static String mirrored() {
    return UPSTREAM + "/" + REPOSITORY;
  }

  /** Everything once, with the digests that the mirror gives compared. */
  void warmUp(int layers, long size) throws IOException, InterruptedException {
    var image = image(layers, size);
    ImagePull.run(upstream.http(), REPOSITORY, image);
    ImagePull.run(beside.http(), REPOSITORY, image);
    ImagePull.run(agent.http(), mirrored(), image);
    ImagePull.run(agent.http(), mirrored(), image);
    ImagePull.run(mirror.http(), mirrored(), image);
    new Transfers(mirror.http(), mirrored()).verify(image.layers());
  }

  /** One image, by every way. */
  void pulls(String scenario, int layers, long size) throws IOException, InterruptedException {
    var image = image(layers, size);
    pull(scenario, DIRECT, upstream, REPOSITORY, image);
    pull(scenario, COLD, mirror, mirrored(), image);
    pull(scenario, FIRST, mirror, mirrored(), image);
    pull(scenario, COLD_AGENT, agent, mirrored(), image);
    ImagePull.run(agent.http(), mirrored(), image);
    for (int i = 0; i < WARM_PULLS; i++) {
      pull(scenario, PEER, beside, REPOSITORY, image);
      pull(scenario, WARM, mirror, mirrored(), image);
      pull(scenario, AGENT, agent, mirrored(), image);
    }
  }

  private void pull(
      String scenario, String variant, Server server, String repository, Image.Base image)
      throws IOException, InterruptedException {
    long before = network.bytesFromUpstream();
    var outcome = bench.measure(server, () -> ImagePull.run(server.http(), repository, image));
    record(scenario, variant, outcome, before);
  }

  private void record(String scenario, String variant, Outcome outcome, long before)
      throws IOException, InterruptedException {
    recorder.value(scenario, variant, Metric.SECONDS, outcome.load().seconds());
    recorder.value(
        scenario, variant, Metric.UPSTREAM_GIB, (network.bytesFromUpstream() - before) / GIB);
    outcome
        .usage()
        .ifPresent(
            used -> recorder.value(scenario, variant, Metric.CPU_SECONDS, used.cpuSeconds()));
  }

  /** A number of clients at once that want a blob which the mirror does not have. */
  void herd(String scenario, int clients, long size) throws IOException, InterruptedException {
    var image = image(1, size);
    Blob blob = image.layers().getFirst();
    long before = network.bytesFromUpstream();
    var transfers = new Transfers(mirror.http(), mirrored());
    var outcome =
        bench.measure(mirror, () -> transfers.pull(clients, Collections.nCopies(clients, blob)));
    record(scenario, clients(clients), outcome, before);
    long requests =
        upstream.requests("GET", "/v2/%s/blobs/%s".formatted(REPOSITORY, blob.digest()));
    recorder.value(scenario, clients(clients), Metric.UPSTREAM_REQUESTS, requests);
  }

  @Override
  public void close() {
    for (var server : List.of(agent, mirror, beside, upstream)) {
      bench.stop(server);
    }
  }
}

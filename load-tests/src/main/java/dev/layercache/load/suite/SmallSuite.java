package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.grpc.SmallBlobs;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.http.RequestLoop;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.server.LayercacheProcess;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.List;

/** Requests whose cost is not in the bytes: FindMissingBlobs, 4 KiB blobs, HEAD. */
final class SmallSuite implements Suite {
  private static final String REPOSITORY = "bench/small";
  private static final String OURS = "layercache";
  private static final String PEER = "docker-registry";
  private static final String HEAD = "HTTP HEAD";
  private static final String GET = "HTTP GET of 4 KiB";
  private static final int SIZE = 4 << 10;
  private static final int STORED = 5_000;
  private static final int STORED_BY_HTTP = 100;
  private static final int GRPC_CONNECTIONS = 4;
  private static final int HTTP_CONNECTIONS = 64;
  private static final long SPACE = 4L << 30;

  @Override
  public String name() {
    return "small";
  }

  @Override
  public String description() {
    return "Small requests in a closed loop: gRPC with 64 calls in flight over 4 connections, HTTP over 64 connections.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    bench.requireSpace(SPACE);
    var registries = bench.startRegistries();
    var ours = (LayercacheProcess) registries.getFirst();
    var present = bench.blobs().make(STORED, SIZE);
    var absent = bench.blobs().make(STORED, SIZE);
    var overHttp = present.subList(0, STORED_BY_HTTP);
    try (var channels = new Channels(ours.grpc(), GRPC_CONNECTIONS)) {
      place(registries, overHttp);
      SmallBlobs.store(channels, present);
      var calls = new SmallCalls(bench, ours, channels, present, absent);
      for (int run = 0; run <= bench.settings().runs(); run++) {
        bench.progress(run == 0 ? "warming up" : "run " + run);
        var kept = run == 0 ? new SuiteRecorder() : recorder;
        calls.run(kept);
        for (var server : registries) {
          http(bench, kept, server, "HEAD", overHttp);
        }
        for (var server : registries) {
          http(bench, kept, server, "GET", overHttp);
        }
      }
    }
    targets(recorder);
  }

  private static void place(List<Server> registries, List<Blob> blobs) throws IOException {
    for (var server : registries) {
      for (var blob : blobs) {
        server.place(REPOSITORY, blob);
      }
    }
  }

  private static void http(
      Bench bench, SuiteRecorder recorder, Server server, String method, List<Blob> blobs)
      throws IOException, InterruptedException {
    boolean get = method.equals("GET");
    var requests =
        blobs.stream()
            .map(blob -> RegistryClient.request(method, REPOSITORY, blob.digest()))
            .toList();
    var loop = new RequestLoop(server.http(), requests, SIZE, get);
    var duration = bench.settings().loadDuration();
    var outcome = bench.measure(server, () -> loop.run(HTTP_CONNECTIONS, duration));
    recorder.requests(get ? GET : HEAD, server.name(), outcome);
  }

  private static void targets(SuiteRecorder recorder) {
    for (var scenario : List.of(SmallCalls.PRESENT, SmallCalls.HALF, SmallCalls.ABSENT)) {
      rate(recorder, scenario, 15_000);
    }
    rate(recorder, SmallCalls.UPDATE, 8_000);
    rate(recorder, SmallCalls.READ, 15_000);
    for (var scenario : List.of(HEAD, GET)) {
      var claim = "%s: rate, %s / %s".formatted(scenario, OURS, PEER);
      recorder.ratio(claim, scenario, OURS, PEER, Metric.RATE, Bound.AT_LEAST, 20);
    }
  }

  private static void rate(SuiteRecorder recorder, String scenario, double wanted) {
    recorder.target(scenario + ": rate", scenario, OURS, Metric.RATE, Bound.AT_LEAST, wanted);
  }
}

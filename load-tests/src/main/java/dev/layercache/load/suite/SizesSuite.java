package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.data.ByteSize;
import dev.layercache.load.data.Texture;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.measure.Outcome;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Blobs of every size, and of both textures, into a registry and out of it. */
final class SizesSuite implements Suite {
  private static final int AT_ONCE = 4;
  private static final List<Integer> SIZES =
      List.of(4 << 10, 64 << 10, 1 << 20, 16 << 20, 256 << 20, 1 << 30);
  private static final List<Integer> QUICK_SIZES = List.of(4 << 10, 1 << 20);

  /** Of one load, about. */
  private static final long LOAD_BYTES = 512 << 20;

  private static final int FEWEST = 2;
  private static final int MOST = 400;
  private static final int QUICK = 8;
  private static final int TEXTURE_BYTES = 64 << 20;
  private static final int QUICK_TEXTURE_BYTES = 1 << 20;

  @Override
  public String name() {
    return "blobs/sizes";
  }

  @Override
  public String description() {
    return "Push of unique blobs and hot pull of 4 KiB to 1 GiB over HTTP, 4 at once; noise, and letters, which compress to about half.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var settings = bench.settings();
    var sizes = settings.quick() ? QUICK_SIZES : SIZES;
    int texture = settings.count(TEXTURE_BYTES, QUICK_TEXTURE_BYTES);
    long pushed =
        sizes.stream().mapToLong(size -> (long) size * count(bench, size)).sum() + 2 * LOAD_BYTES;
    int registries = 2;
    bench.requireSpace(registries * (pushed * settings.runs() + BlobBench.warmUpBytes(texture)));
    var servers = bench.startRegistries();
    BlobBench.warmUpPushes(bench, servers, texture);
    for (int run = 1; run <= settings.runs(); run++) {
      for (int size : sizes) {
        bench.progress("run %d, %s".formatted(run, new ByteSize(size)));
        var blobs = bench.blobs().make(count(bench, size), size);
        roundTrip(bench, recorder, servers, new ByteSize(size).toString(), blobs);
      }
      for (var each : Texture.values()) {
        var of = each.name().toLowerCase(Locale.ROOT) + " of " + new ByteSize(texture);
        bench.progress("run %d, %s".formatted(run, of));
        var blobs = bench.blobs().make(count(bench, texture), texture, each);
        roundTrip(bench, recorder, servers, of, blobs);
      }
    }
  }

  private static int count(Bench bench, int size) {
    int normal = Math.clamp(LOAD_BYTES / size, FEWEST, MOST);
    return bench.settings().count(normal, QUICK);
  }

  private static void roundTrip(
      Bench bench, SuiteRecorder recorder, List<Server> servers, String what, List<Blob> blobs)
      throws IOException, InterruptedException {
    for (var server : servers) {
      var transfers = BlobBench.transfers(server);
      record(
          recorder,
          "push " + what,
          server,
          bench.measure(server, () -> transfers.push(AT_ONCE, blobs)));
      transfers.pull(AT_ONCE, blobs);
      record(
          recorder,
          "hot pull " + what,
          server,
          bench.measure(server, () -> transfers.pull(AT_ONCE, blobs)));
    }
  }

  private static void record(
      SuiteRecorder recorder, String scenario, Server server, Outcome outcome) {
    recorder.transfer(scenario, server.name(), outcome);
    double rate = outcome.load().operations() / outcome.load().seconds();
    recorder.value(scenario, server.name(), Metric.RATE, rate);
  }
}

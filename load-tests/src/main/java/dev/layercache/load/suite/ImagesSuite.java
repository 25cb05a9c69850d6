package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.images.ImageClient;
import dev.layercache.load.images.ImageClients;
import dev.layercache.load.images.SampleImage;
import dev.layercache.load.images.SampleImages;
import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.net.Relay;
import dev.layercache.load.net.Wire;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Real images through a real client. */
final class ImagesSuite implements Suite {
  private static final double GIB = 1L << 30;
  private static final long SPACE = 12L << 30;
  private static final long WARM_UP_BYTES = 32 << 20;

  private final ImageClients client;

  ImagesSuite(ImageClients client) {
    this.client = client;
  }

  @Override
  public String name() {
    return "images/" + client.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String description() {
    return "Two real images on one base (Debian packages; a Java application) and their next versions, pushed and pulled by %s."
        .formatted(client.program());
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var missing = SampleImages.missing();
    if (!missing.isEmpty() || !client.isInstalled()) {
      recorder.note("Left out: needs %s and %s.".formatted(client.program(), missing));
      return;
    }
    bench.requireSpace(SPACE);
    var root = bench.settings().root().resolve("load-tests/target");
    bench.progress("images, made once, kept in " + root.resolve("images"));
    var images =
        SampleImages.in(root.resolve("images"), root.resolve("lib"), bench.newDirectory("images"));
    for (var versions : images) {
      for (var image : versions) {
        recorder.value(
            "size of " + image.name() + ":" + image.tag(),
            "image",
            Metric.NETWORK_GIB,
            size(image));
      }
    }
    for (int run = 1; run <= bench.settings().runs(); run++) {
      for (var server : bench.startRegistries()) {
        bench.progress("run %d, %s".formatted(run, server.name()));
        try (var started =
                client.start(bench.newDirectory("client"), bench.newDirectory("scratch"));
            var relay = new Tally(server)) {
          warmUp(bench, server);
          new Steps(bench, recorder, server, relay, started).run(images);
        }
        bench.stop(server);
      }
    }
    recorder.note(
        "Both images in each step. Bytes are those on the client's connections, both ways; they pass a relay, for every server alike. Times are the client's whole run, its packing and unpacking included.");
  }

  private static double size(SampleImage image) throws IOException {
    try (var files = Files.walk(image.layout().resolve("blobs"))) {
      long bytes = 0;
      for (var file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes / GIB;
    }
  }

  /** Each run has servers of its own, whose compilers have to be done. */
  private static void warmUp(Bench bench, Server server) throws IOException, InterruptedException {
    BlobBench.warmUpPushes(bench, List.of(server), WARM_UP_BYTES);
    BlobBench.place(bench, List.of(server), bench.blobs().make(2, WARM_UP_BYTES));
  }

  /** A relay in front of a server, and what has passed. */
  private static final class Tally implements AutoCloseable {
    private final Wire wire = Wire.unlimited();
    private final Relay relay;

    Tally(Server server) throws IOException {
      this.relay = Relay.start(server.http(), wire);
    }

    String registry() throws IOException {
      return "127.0.0.1:" + relay.address().getPort();
    }

    @Override
    public void close() throws IOException {
      relay.close();
    }
  }

  /** What one client does at one server. */
  private record Steps(
      Bench bench, SuiteRecorder recorder, Server server, Tally tally, ImageClient client) {

    @FunctionalInterface
    private interface Step {
      void run(SampleImage image) throws IOException, InterruptedException;
    }

    void run(List<List<SampleImage>> images) throws IOException, InterruptedException {
      var registry = tally.registry();
      var first = images.stream().map(List::getFirst).toList();
      var next = images.stream().map(List::getLast).toList();
      build(first);
      measure("1 first push", first, image -> client.push(image, registry));
      measure("2 same push again", first, image -> client.push(image, registry));
      build(next);
      measure("3 push of the next versions", next, image -> client.push(image, registry));
      client.forget();
      measure("4 pull, nothing there", first, image -> client.pull(image, registry));
      measure("5 pull of the next versions", next, image -> client.pull(image, registry));
      client.forget();
    }

    private void build(List<SampleImage> images) throws IOException, InterruptedException {
      for (var image : images) {
        client.build(image, tally.registry());
      }
    }

    private void measure(String scenario, List<SampleImage> images, Step step)
        throws IOException, InterruptedException {
      long before = tally.wire.bytes();
      var outcome =
          bench.measure(
              server,
              () -> {
                long begin = System.nanoTime();
                for (var image : images) {
                  step.run(image);
                }
                var elapsed = Duration.ofNanos(System.nanoTime() - begin);
                return new Load(images.size(), 0, 0, elapsed, new Latencies());
              });
      recorder.value(scenario, server.name(), Metric.SECONDS, outcome.load().seconds());
      recorder.value(
          scenario, server.name(), Metric.NETWORK_GIB, (tally.wire.bytes() - before) / GIB);
      if (outcome.usage().isPresent()) {
        var used = outcome.usage().get();
        recorder.value(scenario, server.name(), Metric.CPU_SECONDS, used.cpuSeconds());
        recorder.value(
            scenario,
            server.name(),
            Metric.PEAK_RESIDENT,
            used.peakResidentBytes() / (double) (1 << 20));
      }
    }
  }
}

package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.http.Drips;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.http.RequestLoop;
import dev.layercache.load.parallel.Background;
import dev.layercache.load.report.SuiteRecorder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Healthy clients beside thousands that drip. That each of them is served is the result. */
final class SlowClientsSuite implements Suite {
  private static final String REPOSITORY = "bench/slow";
  private static final int SIZE = 4 << 10;
  private static final int HEALTHY = 100;
  private static final int DRIPS = 9_900;
  private static final int QUICK_DRIPS = 500;

  /** Longer than the deadline of a header, so that the server has begun to close drips. */
  private static final Duration MEASURED = Duration.ofSeconds(40);

  @Override
  public String name() {
    return "slow-clients";
  }

  @Override
  public String description() {
    return "HTTP GET of 4 KiB over 100 connections, alone and beside 9,900 that send a byte a second.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    boolean quick = bench.settings().quick();
    int drips = quick ? QUICK_DRIPS : DRIPS;
    var server = bench.startLayercache(List.of());
    var blob = bench.blobs().make(1, SIZE).getFirst();
    server.place(REPOSITORY, blob);
    var request = RegistryClient.request("GET", REPOSITORY, blob.digest());
    var loop = new RequestLoop(server.http(), List.of(request), SIZE, true);
    var alone = quick ? bench.settings().loadDuration() : Duration.ofSeconds(10);
    bench.progress("warming up");
    loop.run(HEALTHY, alone);
    bench.progress("100 alone");
    recorder.requests(
        "100 alone", server.name(), bench.measure(server, () -> loop.run(HEALTHY, alone)));
    bench.progress("100 beside %,d that drip".formatted(drips));
    var background = new Background();
    try (var dripping = new Drips(server.http(), drips, REPOSITORY)) {
      background.start(dripping::round);
      var measured = quick ? alone : MEASURED;
      recorder.requests(
          "100 beside %,d that drip".formatted(drips),
          server.name(),
          bench.measure(server, () -> loop.run(HEALTHY, measured)));
      background.stop();
      recorder.note(
          "The server closed %,d of the dripping connections, which were opened again."
              .formatted(dripping.reopened()));
    }
  }
}

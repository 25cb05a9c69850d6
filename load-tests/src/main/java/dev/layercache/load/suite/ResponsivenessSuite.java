package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.grpc.BlobTransfers;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.measure.PageCache;
import dev.layercache.load.parallel.Background;
import dev.layercache.load.probe.Call;
import dev.layercache.load.probe.Probe;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.server.ChildProcess;
import dev.layercache.load.server.JavaProgram;
import dev.layercache.load.server.LayercacheProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Small calls at a steady pace while others read cold blobs and write. */
final class ResponsivenessSuite implements Suite {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long SPACE = 32L << 30;
  private static final int READERS = 64;
  private static final int WRITERS = 4;
  private static final long DROP_EVERY_MILLIS = 200;

  @Override
  public String name() {
    return "responsiveness";
  }

  @Override
  public String description() {
    return "Small calls, 50 a second, idle and while 64 readers of cold blobs and 4 writers run.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    long size = bench.settings().blobSize(32 << 20, 1 << 20);
    bench.requireSpace(SPACE);
    var data = bench.newDirectory("data");
    var server = bench.startLayercache(data, List.of());
    bench.progress("storing %d blobs".formatted(READERS));
    var blobs = bench.blobs().make(READERS, size);
    try (var channels = new Channels(server.grpc(), READERS)) {
      new BlobTransfers(channels).upload(blobs);
    }
    for (int run = 1; run <= bench.settings().runs(); run++) {
      bench.progress("run %d, idle".formatted(run));
      probe(bench, recorder, server, "idle", blobs.getFirst());
      bench.progress("run %d, under load".formatted(run));
      underLoad(bench, recorder, server, data, blobs);
    }
    for (var call : Call.values()) {
      var scenario = scenario(call, "under load");
      recorder.target(
          scenario + ": p99", scenario, server.name(), Metric.LATENCY_P99, Bound.LESS_THAN, 20);
    }
    recorder.note(
        "The calls come from a process of their own. On few cores it waits for them like the server does: part of the latency under load is the scheduler's.");
  }

  private static void underLoad(
      Bench bench, SuiteRecorder recorder, LayercacheProcess server, Path data, List<Blob> blobs)
      throws IOException, InterruptedException {
    var moved = new AtomicLong();
    var background = new Background();
    long begin = System.nanoTime();
    try (var readers = new Channels(server.grpc(), READERS);
        var writers = new Channels(server.grpc(), WRITERS)) {
      var next = new AtomicLong();
      for (int i = 0; i < READERS; i++) {
        var reader = new BlobTransfers(readers);
        int connection = i;
        background.start(
            () -> {
              var blob = blobs.get((int) (next.getAndIncrement() % blobs.size()));
              moved.addAndGet(reader.download(connection, blob));
            });
      }
      for (int i = 0; i < WRITERS; i++) {
        var writer = new BlobTransfers(writers);
        int connection = i;
        background.start(
            () -> writer.upload(connection, bench.blobs().make(blobs.getFirst().size())));
      }
      var cache = new PageCache();
      background.start(
          () -> {
            cache.drop(data, ".sst");
            TimeUnit.MILLISECONDS.sleep(DROP_EVERY_MILLIS);
          });
      try {
        probe(bench, recorder, server, "under load", blobs.getFirst());
      } finally {
        background.stop();
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    recorder.value(
        "64 cold readers", server.name(), Metric.THROUGHPUT, moved.get() / seconds / (1L << 30));
  }

  private static String scenario(Call call, String state) {
    return "%s, %s".formatted(call.title(), state);
  }

  /** Has a process of its own ask, and records what it found. */
  private static void probe(
      Bench bench, SuiteRecorder recorder, LayercacheProcess server, String state, Blob blob)
      throws IOException, InterruptedException {
    var duration = bench.settings().loadDuration();
    var command =
        JavaProgram.command(
            JavaProgram.ownClassPath(),
            List.of("-Xmx128m"),
            Probe.class.getName(),
            List.of(
                Integer.toString(server.grpc().getPort()),
                Integer.toString(server.http().getPort()),
                Long.toString(blob.seed()),
                Long.toString(blob.size()),
                Long.toString(duration.toMillis())));
    try (var process = ChildProcess.start(bench.newDirectory("probe"), command, Map.of())) {
      process.awaitEnd(PATIENCE);
      for (var line : process.said()) {
        var words = line.split(" ");
        if (words.length == 2) {
          var call = Call.valueOf(words[0]);
          recorder.latencies(scenario(call, state), server.name(), Latencies.decode(words[1]));
        }
      }
    }
  }
}

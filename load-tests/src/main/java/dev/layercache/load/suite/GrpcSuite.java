package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.ByteSize;
import dev.layercache.load.grpc.BlobTransfers;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.server.LayercacheProcess;
import java.io.IOException;
import java.util.List;

/** Large blobs over gRPC's ByteStream, each on a connection of its own. */
final class GrpcSuite implements Suite {
  private static final List<Integer> AT_ONCE = List.of(4);

  /** After one, two fifths of the server's time were still the compiler's. */
  private static final int WARM_UP_ROUNDS = 6;

  private static final int FEWEST = 8;

  @Override
  public String name() {
    return "grpc";
  }

  @Override
  public String description() {
    return "Durable upload of unique blobs, and hot download, over gRPC.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var settings = bench.settings();
    long size = settings.blobSize(256 << 20, 8 << 20);
    var atOnce = settings.atOnce(AT_ONCE);
    long blobs = atOnce.stream().mapToLong(n -> Math.max(n, FEWEST)).sum();
    bench.requireSpace(size * (blobs * settings.runs() + WARM_UP_ROUNDS * FEWEST));
    var server = bench.startLayercache(List.of());
    bench.progress("warming up");
    try (var channels = new Channels(server.grpc(), AT_ONCE.getFirst())) {
      var transfers = new BlobTransfers(channels);
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        var warm = bench.blobs().make(FEWEST, size);
        transfers.upload(warm);
        transfers.download(warm);
        transfers.verify(warm.getFirst());
      }
    }
    for (int run = 1; run <= settings.runs(); run++) {
      for (int n : atOnce) {
        bench.progress("run %d, %d at once".formatted(run, n));
        measure(bench, recorder, server, size, n);
      }
    }
    for (int n : atOnce) {
      targets(recorder, server.name(), size, n);
    }
  }

  private static void measure(
      Bench bench, SuiteRecorder recorder, LayercacheProcess server, long size, int atOnce)
      throws IOException, InterruptedException {
    var blobs = bench.blobs().make(Math.max(atOnce, FEWEST), size);
    try (var channels = new Channels(server.grpc(), atOnce)) {
      var transfers = new BlobTransfers(channels);
      recorder.transfer(
          scenario("upload", size, atOnce),
          server.name(),
          bench.measure(server, () -> transfers.upload(blobs)));
      transfers.download(blobs);
      recorder.transfer(
          scenario("download", size, atOnce),
          server.name(),
          bench.measure(server, () -> transfers.download(blobs)));
    }
  }

  private static void targets(SuiteRecorder recorder, String server, long size, int atOnce) {
    var upload = scenario("upload", size, atOnce);
    var download = scenario("download", size, atOnce);
    recorder.target(
        upload + ": server CPU", upload, server, Metric.CPU_PER_GIB, Bound.AT_MOST, 1.8);
    recorder.target(
        upload + ": written to disk per byte stored",
        upload,
        server,
        Metric.WRITTEN_PER_BYTE,
        Bound.AT_MOST,
        1.05);
    recorder.target(
        download + ": server CPU", download, server, Metric.CPU_PER_GIB, Bound.AT_MOST, 1.1);
  }

  private static String scenario(String direction, long size, int atOnce) {
    return "%s %s, %d at once".formatted(direction, new ByteSize(size), atOnce);
  }
}

package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.data.ByteSize;
import dev.layercache.load.http.Transfers;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What the blobs suites share: servers that are warm, scenarios and how they are held together. */
final class BlobBench {
  /** Blobs that are pulled in turn; few enough to stay in the page cache. */
  static final int PULLED = 4;

  private static final String REPOSITORY = "bench/blobs";
  private static final String OURS = "layercache";
  private static final String PEER = "docker-registry";

  /** Rounds of pushes before any is counted: a server that runs for months is past its compiler. */
  private static final int WARM_UP_PUSHES = 5;

  private static final int WARM_UP_PULLS = 4;

  private BlobBench() {}

  static Transfers transfers(Server server) {
    return new Transfers(server.http(), REPOSITORY);
  }

  /** Stores {@code blobs} everywhere and reads them back, with their digests compared once. */
  static void place(Bench bench, List<Server> servers, List<Blob> blobs)
      throws IOException, InterruptedException {
    for (var server : servers) {
      bench.progress("warming up " + server.name());
      for (var blob : blobs) {
        server.place(REPOSITORY, blob);
      }
      transfers(server).verify(blobs);
      for (int round = 0; round < WARM_UP_PULLS; round++) {
        transfers(server).pull(PULLED, blobs);
      }
    }
  }

  /** Pushes until every registry is past its compiler. Returns the bytes that each took. */
  static void warmUpPushes(Bench bench, List<Server> registries, long size)
      throws IOException, InterruptedException {
    for (var server : registries) {
      bench.progress("warming up " + server.name());
      for (int round = 0; round < WARM_UP_PUSHES; round++) {
        transfers(server).push(PULLED, bench.blobs().make(PULLED, size));
      }
    }
  }

  /** Bytes that {@link #warmUpPushes} leaves in each registry. */
  static long warmUpBytes(long size) {
    return WARM_UP_PUSHES * PULLED * size;
  }

  /** {@code count} blobs, in turn. */
  static List<Blob> cycle(List<Blob> blobs, int count) {
    var cycled = new ArrayList<Blob>();
    for (int i = 0; i < count; i++) {
      cycled.add(blobs.get(i % blobs.size()));
    }
    return cycled;
  }

  /** What was promised of pushes. */
  static void pushTargets(SuiteRecorder recorder, String scenario) {
    ratio(recorder, scenario, Metric.THROUGHPUT, Bound.AT_LEAST, 3);
    ratio(recorder, scenario, Metric.CPU_PER_GIB, Bound.AT_MOST, 0.5);
  }

  /** What was promised of hot pulls. */
  static void pullTargets(SuiteRecorder recorder, String scenario) {
    ratio(recorder, scenario, Metric.THROUGHPUT, Bound.AT_LEAST, 1);
    ratio(recorder, scenario, Metric.CPU_PER_GIB, Bound.AT_MOST, 0.6);
  }

  private static void ratio(
      SuiteRecorder recorder, String scenario, Metric metric, Bound bound, double wanted) {
    var claim = "%s: %s, %s / %s".formatted(scenario, metric.title(), OURS, PEER);
    recorder.ratio(claim, scenario, OURS, PEER, metric, bound, wanted);
  }

  static String scenario(String what, long size, int atOnce) {
    return "%s %s, %d at once".formatted(what, new ByteSize(size), atOnce);
  }
}

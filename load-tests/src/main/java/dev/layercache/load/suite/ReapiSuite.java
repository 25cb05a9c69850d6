package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.data.ByteSize;
import dev.layercache.load.grpc.BlobTransfers;
import dev.layercache.load.grpc.CallLoop;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.grpc.Methods;
import dev.layercache.load.grpc.Requests;
import dev.layercache.load.grpc.SmallBlobs;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.ReapiServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a build tool asks of a remote cache, of any server of the Remote Execution API. */
final class ReapiSuite implements Suite {
  private static final int CONNECTIONS = 4;
  private static final int IN_FLIGHT = 64;
  private static final int FEW_IN_FLIGHT = 16;
  private static final int BATCH = 100;
  private static final int STORED = 2_000;
  private static final int SMALL = 4 << 10;
  private static final int MEDIUM = 256 << 10;
  private static final int LARGE_BLOBS = 8;
  private static final long SPACE = 12L << 30;

  @Override
  public String name() {
    return "reapi";
  }

  @Override
  public String description() {
    return "A build tool's calls: FindMissingBlobs, BatchUpdateBlobs, BatchReadBlobs and ByteStream over 4 connections, small blobs in a closed loop, large ones 4 at once.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    bench.requireSpace(SPACE);
    var servers = new ArrayList<ReapiServer>();
    servers.add(bench.startLayercache(List.of()));
    servers.addAll(bench.settings().reapiServers());
    var present = bench.blobs().make(STORED, SMALL);
    var absent = bench.blobs().make(STORED, SMALL);
    var medium = bench.blobs().make(IN_FLIGHT, MEDIUM);
    for (var server : servers) {
      try (var channels = new Channels(server.grpc(), CONNECTIONS)) {
        SmallBlobs.store(channels, present);
        new BlobTransfers(channels).upload(medium);
      }
    }
    for (int run = 0; run <= bench.settings().runs(); run++) {
      for (var server : servers) {
        bench.progress((run == 0 ? "warming up " : "run %d, ".formatted(run)) + server.name());
        var kept = run == 0 ? new SuiteRecorder() : recorder;
        try (var channels = new Channels(server.grpc(), CONNECTIONS)) {
          new SmallCalls(bench, server, channels, present, absent).run(kept);
          new Calls(bench, kept, server, channels).run(present, medium);
        }
      }
    }
  }

  /** The calls that {@link SmallCalls} lacks, at one server. */
  private record Calls(Bench bench, SuiteRecorder recorder, ReapiServer server, Channels channels) {

    void run(List<Blob> small, List<Blob> medium) throws IOException, InterruptedException {
      batchUpdate();
      batchRead(small);
      write(SMALL);
      write(MEDIUM);
      read(medium);
      large();
    }

    private void batchUpdate() throws IOException, InterruptedException {
      loop(
          "BatchUpdate of 100 x 4 KiB",
          FEW_IN_FLIGHT,
          new CallLoop(
              channels,
              Methods.BATCH_UPDATE,
              call -> Requests.batchUpdate(bench.blobs().make(BATCH, SMALL)),
              response -> Requests.stored(response, BATCH)));
    }

    private void batchRead(List<Blob> small) throws IOException, InterruptedException {
      var requests = new ArrayList<byte[]>();
      for (int from = 0; from < small.size(); from += BATCH) {
        requests.add(Requests.batchRead(small.subList(from, from + BATCH)));
      }
      loop(
          "BatchRead of 100 x 4 KiB",
          FEW_IN_FLIGHT,
          new CallLoop(
              channels,
              Methods.BATCH_READ,
              call -> requests.get((int) (call % requests.size())),
              response -> response.length > BATCH * SMALL));
    }

    private void write(int size) throws IOException, InterruptedException {
      loop(
          "ByteStream.Write of " + new ByteSize(size),
          size == SMALL ? IN_FLIGHT : FEW_IN_FLIGHT,
          new CallLoop(
              channels,
              Methods.WRITE_SMALL,
              call -> Requests.writeWhole(bench.blobs().make(size)),
              response -> Requests.written(response, size)));
    }

    private void read(List<Blob> medium) throws IOException, InterruptedException {
      var transfers = new BlobTransfers(channels);
      var rounds = new ArrayList<Blob>();
      for (int i = 0; i < bench.settings().count(16, 1); i++) {
        rounds.addAll(medium);
      }
      recorder.requests(
          "ByteStream.Read of " + new ByteSize(MEDIUM),
          server.name(),
          bench.measure(server, () -> transfers.download(rounds)));
    }

    private void large() throws IOException, InterruptedException {
      long size = bench.settings().blobSize(64 << 20, 4 << 20);
      var blobs = bench.blobs().make(LARGE_BLOBS, size);
      var transfers = new BlobTransfers(channels);
      recorder.transfer(
          "ByteStream.Write of " + new ByteSize(size),
          server.name(),
          bench.measure(server, () -> transfers.upload(blobs)));
      transfers.download(blobs);
      recorder.transfer(
          "ByteStream.Read of " + new ByteSize(size),
          server.name(),
          bench.measure(server, () -> transfers.download(blobs)));
    }

    private void loop(String scenario, int inFlight, CallLoop loop)
        throws IOException, InterruptedException {
      var duration = bench.settings().loadDuration();
      recorder.requests(
          scenario, server.name(), bench.measure(server, () -> loop.run(inFlight, duration)));
    }
  }
}

package dev.layercache.load.suite;

import com.google.protobuf.CodedOutputStream;
import dev.layercache.load.Bench;
import dev.layercache.load.data.Blob;
import dev.layercache.load.grpc.CallLoop;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.grpc.Methods;
import dev.layercache.load.grpc.Requests;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.server.ReapiServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The gRPC half of {@link SmallSuite}. */
final class SmallCalls {
  static final String PRESENT = "FindMissing of 100, all present";
  static final String HALF = "FindMissing of 100, half missing";
  static final String ABSENT = "FindMissing of 100, all missing";
  static final String UPDATE = "BatchUpdate of 4 KiB, durable";
  static final String READ = "ByteStream.Read of 4 KiB";

  private static final int DIGESTS = 100;
  private static final int IN_FLIGHT = 64;

  private final Bench bench;
  private final ReapiServer server;
  private final Channels channels;
  private final List<Blob> present;
  private final List<Blob> absent;

  /**
   * @param present stored blobs of one size, at most 1 MiB, a multiple of 100
   * @param absent as many blobs of that size that are not stored
   */
  SmallCalls(
      Bench bench, ReapiServer server, Channels channels, List<Blob> present, List<Blob> absent) {
    this.bench = bench;
    this.server = server;
    this.channels = channels;
    this.present = present;
    this.absent = absent;
  }

  void run(SuiteRecorder recorder) throws IOException, InterruptedException {
    findMissing(recorder);
    update(recorder);
    read(recorder);
  }

  /** FindMissing only. */
  void findMissing(SuiteRecorder recorder) throws IOException, InterruptedException {
    var half =
        IntStream.range(0, present.size())
            .mapToObj(i -> (i % 2 == 0 ? present : absent).get(i))
            .toList();
    findMissing(recorder, PRESENT, present, 0);
    findMissing(recorder, HALF, half, DIGESTS / 2);
    findMissing(recorder, ABSENT, absent, DIGESTS);
  }

  private void findMissing(SuiteRecorder recorder, String scenario, List<Blob> blobs, int missing)
      throws IOException, InterruptedException {
    var requests = new ArrayList<byte[]>();
    for (int from = 0; from < blobs.size(); from += DIGESTS) {
      requests.add(Requests.findMissing(blobs.subList(from, from + DIGESTS)));
    }
    var loop =
        new CallLoop(
            channels,
            Methods.FIND_MISSING,
            call -> requests.get((int) (call % requests.size())),
            response -> response.length == missing * encodedDigest(blobs.getFirst()));
    measure(recorder, scenario, loop);
  }

  /** A digest in a response: tag and length of the entry, then hash and size with theirs. */
  private static int encodedDigest(Blob blob) {
    return 2 + 2 + 64 + 1 + CodedOutputStream.computeUInt64SizeNoTag(blob.size());
  }

  private void update(SuiteRecorder recorder) throws IOException, InterruptedException {
    int size = (int) present.getFirst().size();
    var loop =
        new CallLoop(
            channels,
            Methods.BATCH_UPDATE,
            call -> Requests.batchUpdate(bench.blobs().make(size)),
            Requests::stored);
    measure(recorder, UPDATE, loop);
  }

  private void read(SuiteRecorder recorder) throws IOException, InterruptedException {
    var requests = present.stream().map(Requests::read).toList();
    long size = present.getFirst().size();
    var loop =
        new CallLoop(
            channels,
            Methods.READ_SMALL,
            call -> requests.get((int) (call % requests.size())),
            response -> response.length > size);
    measure(recorder, READ, loop);
  }

  private void measure(SuiteRecorder recorder, String scenario, CallLoop loop)
      throws IOException, InterruptedException {
    var duration = bench.settings().loadDuration();
    var outcome = bench.measure(server, () -> loop.run(IN_FLIGHT, duration));
    recorder.requests(scenario, server.name(), outcome);
  }
}

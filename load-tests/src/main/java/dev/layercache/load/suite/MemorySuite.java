package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.data.ByteSize;
import dev.layercache.load.grpc.BlobTransfers;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.report.SuiteRecorder;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/** Many large transfers at once on a server with little memory. That none fails is the result. */
final class MemorySuite implements Suite {
  private static final List<String> LITTLE = List.of("-Xmx256m", "-XX:MaxDirectMemorySize=512m");
  private static final int CONNECTIONS = 64;
  private static final int DOWNLOADED = 4;

  /** Uploads are smaller than downloads by this factor. */
  private static final int SMALLER = 4;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String description() {
    return "64 downloads at once of 4 blobs, then 64 uploads at once, over 64 connections, with -Xmx256m and 512 MiB of direct memory.";
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    long size = bench.settings().blobSize(1 << 30, 16 << 20);
    bench.requireSpace(size * (DOWNLOADED + CONNECTIONS / SMALLER));
    var server = bench.startLayercache(LITTLE);
    var large = bench.blobs().make(DOWNLOADED, size);
    try (var channels = new Channels(server.grpc(), CONNECTIONS)) {
      var transfers = new BlobTransfers(channels);
      bench.progress("storing what is downloaded");
      transfers.upload(large);
      var everyone = Collections.nCopies(CONNECTIONS / DOWNLOADED, large);
      var downloads = everyone.stream().flatMap(List::stream).toList();
      bench.progress("64 downloads of " + new ByteSize(size));
      recorder.transfer(
          "64 downloads of %s at once".formatted(new ByteSize(size)),
          server.name(),
          bench.measure(server, () -> transfers.download(downloads)));
      var uploads = bench.blobs().make(CONNECTIONS, size / SMALLER);
      bench.progress("64 uploads of " + new ByteSize(size / SMALLER));
      recorder.transfer(
          "64 uploads of %s at once".formatted(new ByteSize(size / SMALLER)),
          server.name(),
          bench.measure(server, () -> transfers.upload(uploads)));
    }
    recorder.note("No transfer failed: one that does ends the suite without a report.");
  }
}

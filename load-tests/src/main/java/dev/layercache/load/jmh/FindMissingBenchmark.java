package dev.layercache.load.jmh;

import dev.layercache.load.data.Blob;
import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.fill.BareStore;
import dev.layercache.load.server.ChildProcess;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The store's part of FindMissingBlobs: 100 digests among 10,000 blobs, without a door. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 2)
public class FindMissingBenchmark {
  private static final int STORED = 10_000;
  private static final int ASKED = 100;
  private static final int SIZE = 100;

  /** How many of the 100 are missing. */
  @Param({"0", "50", "100"})
  public int missing;

  private Path directory = Path.of("");
  private Optional<BareStore> opened = Optional.empty();
  private List<Digest> asked = List.of();

  @Setup
  public void open() throws IOException {
    directory = Files.createTempDirectory("layercache-jmh-");
    var store = BareStore.open(directory);
    opened = Optional.of(store);
    var blobs = new BlobFactory(1);
    var stored = blobs.make(STORED, SIZE);
    for (var blob : stored) {
      store.put(blob);
    }
    var digests = new ArrayList<Digest>();
    stored.stream().limit(ASKED - missing).map(Blob::digest).forEach(digests::add);
    blobs.make(missing, SIZE).stream().map(Blob::digest).forEach(digests::add);
    asked = List.copyOf(digests);
  }

  @TearDown
  public void close() {
    opened.ifPresent(BareStore::close);
    ChildProcess.delete(directory);
  }

  @Benchmark
  public Set<Digest> findMissing() throws IOException {
    return opened.orElseThrow().blobs().findMissing(asked);
  }
}

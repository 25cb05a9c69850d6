package dev.layercache.load.jmh;

import dev.layercache.load.data.Blob;
import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.fill.BareStore;
import dev.layercache.load.server.ChildProcess;
import dev.layercache.server.blob.ByteRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where storing a blob in a file of its own becomes cheaper than storing it through the log: the
 * best value of {@code StoreOptions.smallBlobBytes}. Eight threads, as from a few pushes at once.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 3)
@Threads(8)
public class CrossoverBenchmark {
  private static final int READ = 64;
  private static final int LARGEST = 8 << 20;

  /** Whether everything goes through the log, or everything into files. */
  public enum Layout {
    LOG,
    FILE
  }

  /** Bytes of a blob. */
  @Param({"65536", "131072", "262144", "524288", "1048576", "2097152", "4194304"})
  public int size;

  @Param({"LOG", "FILE"})
  public Layout layout = Layout.LOG;

  private final BlobFactory blobs = new BlobFactory(1);
  private Path directory = Path.of("");
  private Optional<BareStore> opened = Optional.empty();
  private List<Blob> stored = List.of();

  @Setup(Level.Iteration)
  public void open() throws IOException {
    directory = Files.createTempDirectory("layercache-jmh-");
    var store = BareStore.open(directory, layout == Layout.LOG ? LARGEST : 1);
    opened = Optional.of(store);
    stored = blobs.make(READ, size);
    for (var blob : stored) {
      store.put(blob);
    }
  }

  @TearDown(Level.Iteration)
  public void close() {
    opened.ifPresent(BareStore::close);
    ChildProcess.delete(directory);
  }

  /** A buffer of each thread. */
  @State(Scope.Thread)
  public static class Buffer {
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 20);
    private final Random random = new Random(1);
  }

  /** Durable, of unique bytes; includes making them and one hash besides the store's own. */
  @Benchmark
  public void put() throws IOException {
    opened.orElseThrow().put(blobs.make(size));
  }

  /** A whole blob, from the page cache. */
  @Benchmark
  public long get(Buffer buffer) throws IOException {
    var blob = stored.get(buffer.random.nextInt(stored.size()));
    long read = 0;
    try (var reader =
        opened.orElseThrow().blobs().open(blob.digest(), ByteRange.ALL).orElseThrow()) {
      while (reader.read(buffer.bytes.clear()) >= 0) {
        read += buffer.bytes.position();
      }
    }
    return read;
  }
}

package dev.layercache.load.jmh;

import dev.layercache.oci.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
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
import org.openjdk.jmh.annotations.Warmup;

/** What a digest costs: milliseconds for 64 MiB, in pieces, from the heap or outside of it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class HashBenchmark {
  private static final int BYTES = 64 << 20;

  @Param({"SHA256", "SHA512"})
  public DigestAlgorithm algorithm = DigestAlgorithm.SHA256;

  @Param({"16384", "1048576"})
  public int piece;

  @Param({"true", "false"})
  public boolean direct;

  private ByteBuffer buffer = ByteBuffer.allocate(0);

  @Setup
  public void allocate() {
    buffer = direct ? ByteBuffer.allocateDirect(piece) : ByteBuffer.allocate(piece);
  }

  @Benchmark
  public byte[] hash() {
    MessageDigest hash = algorithm.newHash();
    for (int done = 0; done < BYTES; done += piece) {
      hash.update(buffer.clear());
    }
    return hash.digest();
  }
}

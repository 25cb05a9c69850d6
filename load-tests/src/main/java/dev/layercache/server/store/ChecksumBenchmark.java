package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The checksum of a chunk of 256 KiB. Times 4,096 it is that of a GiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class ChecksumBenchmark {
  @Param({"CRC32C", "XXHASH64"})
  public String name = "CRC32C";

  private final ByteBuffer chunk = ByteBuffer.allocateDirect(SegmentLayout.CHUNK);

  public ChecksumBenchmark() {
    byte[] bytes = new byte[SegmentLayout.CHUNK];
    new Random(1).nextBytes(bytes);
    chunk.put(bytes).flip();
  }

  @Benchmark
  public int chunk() {
    return BlockChecksum.valueOf(name).of(chunk);
  }
}

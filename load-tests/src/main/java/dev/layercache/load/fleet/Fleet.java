package dev.layercache.load.fleet;

import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import dev.layercache.load.parallel.Workers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** Has build machines work through a day at one site. */
public final class Fleet {
  /**
   * Builds that run at the same moment; with all of them, two cores would measure the scheduler.
   */
  private static final int AT_ONCE = 16;

  private final List<BuildMachine> machines;
  private final LongSupplier networkBytes;
  private final List<Long> bytesAfterRounds = new ArrayList<>();

  /**
   * @param networkBytes that have passed so far on all wires
   */
  public Fleet(Site site, int machines, LongSupplier networkBytes) {
    this.machines = IntStream.range(0, machines).mapToObj(i -> new BuildMachine(site)).toList();
    this.networkBytes = networkBytes;
  }

  /** Puts the base images into a registry. */
  public static void prepare(InetSocketAddress registry, Day day) throws IOException {
    for (var base : day.bases()) {
      base.push(registry);
    }
  }

  /** The whole day. The payload is what the images would weigh if each moved whole. */
  public Load run(Day day) throws IOException, InterruptedException {
    var latencies = new Latencies();
    long payload = 0;
    long before = networkBytes.getAsLong();
    long begin = System.nanoTime();
    for (var round : day.rounds()) {
      var load =
          Workers.run(
              Math.min(AT_ONCE, machines.size()),
              round,
              (worker, job) -> {
                machines.get(job.machine()).run(job);
                return job.built().bytes() + job.newest().map(Image::bytes).orElse(0L);
              });
      latencies.add(load.latencies());
      payload += load.payloadBytes();
      bytesAfterRounds.add(networkBytes.getAsLong() - before);
    }
    var elapsed = Duration.ofNanos(System.nanoTime() - begin);
    return new Load(latencies.count(), payload, bytesAfterRounds.getLast(), elapsed, latencies);
  }

  /** Bytes on all wires after each round. */
  public List<Long> bytesAfterRounds() {
    return bytesAfterRounds;
  }
}

package dev.layercache.load.fleet;

import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Load;
import dev.layercache.load.parallel.Workers;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/** Has a fleet work through a day against one server. */
public final class Fleet {
  /**
   * Agents that work at the same moment; with all of them, two cores would measure the scheduler.
   */
  private static final int AT_ONCE = 4;

  private final LongAdder socketBytes = new LongAdder();
  private final List<Agent> agents;
  private final List<Long> bytesAfterRounds = new ArrayList<>();

  public Fleet(Server server, int agents, boolean caching) {
    this.agents =
        IntStream.range(0, agents)
            .mapToObj(i -> new Agent(server.http(), caching, socketBytes))
            .toList();
  }

  /** Puts the base images where the day begins. */
  public static void prepare(Server server, Day day) throws IOException {
    for (var base : day.bases()) {
      for (var layer : base.layers()) {
        server.place(base.repository(), layer);
      }
    }
  }

  /** The whole day. The payload is what the images would weigh if each moved whole. */
  public Load run(Day day) throws IOException, InterruptedException {
    var latencies = new Latencies();
    long payload = 0;
    long begin = System.nanoTime();
    for (var round : day.rounds()) {
      var load =
          Workers.run(
              Math.min(AT_ONCE, agents.size()),
              round,
              (worker, job) -> {
                agents.get(job.agent()).run(job);
                return job.built().bytes() + job.newest().map(Image::bytes).orElse(0L);
              });
      latencies.add(load.latencies());
      payload += load.payloadBytes();
      bytesAfterRounds.add(socketBytes.sum());
    }
    var elapsed = Duration.ofNanos(System.nanoTime() - begin);
    return new Load(latencies.count(), payload, socketBytes.sum(), elapsed, latencies);
  }

  /** Bytes on the agents' sockets after each round. */
  public List<Long> bytesAfterRounds() {
    return bytesAfterRounds;
  }
}

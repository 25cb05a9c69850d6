package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.fill.FillStore;
import dev.layercache.load.server.ChildProcess;
import dev.layercache.load.server.JavaProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs {@link FillStore} in a process of its own. */
final class StoreFiller {
  private static final Duration PATIENCE = Duration.ofMinutes(60);

  private StoreFiller() {}

  /** Runs the steps on a data directory and returns the rate of each. */
  static List<Double> fill(Bench bench, Path data, String... steps)
      throws IOException, InterruptedException {
    return fill(bench, data, bench.settings().seed(), steps);
  }

  /** The same with blobs of another seed than the bench's own. */
  static List<Double> fill(Bench bench, Path data, long seed, String... steps)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of(data.toString(), Long.toString(seed)));
    arguments.addAll(List.of(steps));
    var command =
        JavaProgram.command(
            JavaProgram.ownClassPath(),
            List.of("-Xmx512m", "-XX:MaxDirectMemorySize=512m"),
            FillStore.class.getName(),
            arguments);
    try (var process = ChildProcess.start(bench.newDirectory("fill"), command, Map.of())) {
      process.awaitEnd(PATIENCE);
      var said = process.said();
      var rates = new ArrayList<Double>();
      for (var step : steps) {
        rates.add(
            said.stream()
                .filter(line -> line.startsWith(step + " "))
                .map(line -> Double.valueOf(line.substring(step.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IOException("the filler did not say how fast " + step)));
      }
      return rates;
    }
  }
}

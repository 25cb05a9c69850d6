package dev.layercache.load.probe;

import dev.layercache.load.data.Blob;
import dev.layercache.load.measure.Latencies;
import dev.layercache.load.server.ChildProcess;
import dev.layercache.load.server.JavaProgram;
import dev.layercache.load.server.LayercacheProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A {@link Probe}, as a process of its own. Not thread-safe; the caller closes it. */
public final class ProbeProcess implements AutoCloseable {
  /** For calls that do not end in time. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final ChildProcess process;

  /** Lines that were read already. */
  private int seen;

  private ProbeProcess(ChildProcess process) {
    this.process = process;
  }

  /**
   * Starts it and waits until it is warm.
   *
   * @param directory exists; deleted when this is closed
   * @param blob what the server has
   */
  public static ProbeProcess start(
      Path directory, LayercacheProcess server, Blob blob, Duration warmUp)
      throws IOException, InterruptedException {
    var command =
        JavaProgram.command(
            JavaProgram.ownClassPath(),
            List.of("-Xmx128m"),
            Probe.class.getName(),
            List.of(
                Integer.toString(server.grpc().getPort()),
                Integer.toString(server.http().getPort()),
                Long.toString(blob.seed()),
                Long.toString(blob.size()),
                Long.toString(warmUp.toMillis())));
    var process = ChildProcess.start(directory, command, Map.of());
    try {
      process.await(() -> process.said().contains(Probe.READY));
      var probe = new ProbeProcess(process);
      probe.seen = process.said().size();
      return probe;
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** Calls of each kind for {@code duration}, one kind after the other. */
  public Map<Call, Latencies> measure(Duration duration) throws IOException, InterruptedException {
    process.tell(Long.toString(duration.toMillis()));
    int end = seen + Call.values().length;
    process.await(
        () -> {
          var said = process.said();
          return said.size() > end && said.get(end).equals(Probe.DONE);
        },
        duration.multipliedBy(Call.values().length).plus(PATIENCE));
    var found = new EnumMap<Call, Latencies>(Call.class);
    for (var line : process.said().subList(seen, end)) {
      var words = line.split(" ", 2);
      found.put(Call.valueOf(words[0]), Latencies.decode(words[1]));
    }
    seen = end + 1;
    return found;
  }

  @Override
  public void close() {
    process.close();
  }
}

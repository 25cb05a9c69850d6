package dev.layercache.load.probe;

import dev.layercache.load.data.Blob;
import dev.layercache.load.server.ChildProcess;
import dev.layercache.load.server.JavaProgram;
import dev.layercache.load.server.LayercacheProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A {@link Crowd}, as a process of its own. Not thread-safe; the caller closes it. */
public final class CrowdProcess implements AutoCloseable {
  /**
   * As far behind the server and the probe as the scheduler allows: on a machine that all of them
   * share, the calls would else wait for the clients of others, which is nothing that the server
   * does.
   */
  private static final int NICENESS = 19;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ChildProcess process;

  private CrowdProcess(ChildProcess process) {
    this.process = process;
  }

  /**
   * Starts it and waits until the load is what it should be.
   *
   * @param directory exists; deleted when this is closed
   * @param stored {@link Crowd#READERS} blobs with seeds in a row
   * @param seed of what it writes
   */
  public static CrowdProcess start(
      Path directory, LayercacheProcess server, Path data, List<Blob> stored, long seed)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("nice", "-n", Integer.toString(NICENESS)));
    command.addAll(
        JavaProgram.command(
            JavaProgram.ownClassPath(),
            List.of("-Xmx512m", "-XX:MaxDirectMemorySize=2g"),
            Crowd.class.getName(),
            List.of(
                Integer.toString(server.grpc().getPort()),
                data.toString(),
                Long.toString(stored.getFirst().seed()),
                Long.toString(stored.getFirst().size()),
                Long.toString(seed))));
    var process = ChildProcess.start(directory, command, Map.of());
    try {
      process.await(() -> process.said().contains(Crowd.READY));
      return new CrowdProcess(process);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /**
   * Lets every reader and writer end its blob.
   *
   * @return bytes read in a second
   * @throws IOException if one of them failed
   */
  public long end() throws IOException, InterruptedException {
    process.endInput();
    process.awaitEnd(PATIENCE);
    return Long.parseLong(process.said().getLast());
  }

  @Override
  public void close() {
    process.close();
  }
}

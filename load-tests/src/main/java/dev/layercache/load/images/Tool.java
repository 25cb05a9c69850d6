package dev.layercache.load.images;

import dev.layercache.load.server.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program that is run to its end.
 *
 * @param scratch where its output goes while it runs
 * @param command its name and the arguments that every call has
 */
record Tool(Path scratch, List<String> command) {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Whether it is on PATH. */
  static boolean isInstalled(String program) {
    return find(program).isPresent();
  }

  private static Optional<Path> find(String program) {
    return List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).stream()
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs it with further arguments; returns the lines that it said.
   *
   * @throws IOException if it fails or takes more than ten minutes; the message ends with its last
   *     words
   */
  List<String> run(String... arguments) throws IOException, InterruptedException {
    var all = new ArrayList<>(command);
    all.addAll(List.of(arguments));
    try (var process =
        ChildProcess.start(Files.createTempDirectory(scratch, "tool-"), all, Map.of())) {
      process.awaitEnd(PATIENCE);
      return process.said();
    }
  }

  /** The same with {@code arguments} in every call. */
  Tool with(String... arguments) {
    var all = new ArrayList<>(command);
    all.addAll(List.of(arguments));
    return new Tool(scratch, List.copyOf(all));
  }
}

package dev.layercache.client.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program of this machine. A test that wants one that is absent is skipped and says its name; in
 * CI, where {@code CI=true}, it fails.
 */
final class Tool {
  private final String name;

  private Tool(String name) {
    this.name = name;
  }

  static Tool require(String name) {
    boolean there =
        List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as(name + " is installed").isTrue();
    }
    assumeTrue(there, () -> name + " is not installed");
    return new Tool(name);
  }

  /** Runs it and returns what it printed; fails unless it exits with 0. */
  String run(String... arguments) throws Exception {
    var command = new ArrayList<String>(List.of(name));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("tool", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(60, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String printed = Files.readString(output, StandardCharsets.UTF_8);
      assertThat(ended).as("%s ends: %s", command, printed).isTrue();
      assertThat(process.exitValue()).as("%s: %s", command, printed).isZero();
      return printed;
    } finally {
      Files.deleteIfExists(output);
    }
  }
}

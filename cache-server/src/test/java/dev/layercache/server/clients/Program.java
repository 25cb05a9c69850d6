package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of this machine that a test drives. Its output is English and has no colours. */
public final class Program {
  private static final int PATIENCE_SECONDS = 120;

  private final List<String> command;
  private final Map<String, String> environment;
  private final Optional<Path> directory;

  private Program(List<String> command, Map<String, String> environment, Optional<Path> directory) {
    this.command = command;
    this.environment = environment;
    this.directory = directory;
  }

  /**
   * Finds a program. Where it is absent the test is skipped, by its name; in CI, where {@code
   * CI=true}, that is a failure.
   *
   * @param name of the program, or its path
   */
  public static Program require(String name) {
    var found =
        Stream.concat(
                Stream.of(System.getenv("PATH").split(":")),
                Stream.of("/usr/sbin", "/sbin", "/usr/bin"))
            .map(directory -> Path.of(directory).resolve(name))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty()) {
      skip(name + " is not installed");
    }
    return new Program(List.of(found.orElseThrow().toString()), Map.of(), Optional.empty());
  }

  /** Ends the test: skipped by its name, or failed in CI. */
  private static void skip(String why) {
    if ("true".equals(System.getenv("CI"))) {
      fail(why);
    }
    abort(why);
  }

  /** As {@link #require}, for programs that work as root only. */
  static Program requireAsRoot(String name) {
    var program = require(name);
    if (!"root".equals(System.getProperty("user.name"))) {
      skip(name + " needs root");
    }
    return program;
  }

  /** The same with these arguments before all others. */
  Program with(String... arguments) {
    var longer = new ArrayList<>(command);
    longer.addAll(List.of(arguments));
    return new Program(longer, environment, directory);
  }

  /** The same, run in a directory. */
  Program in(Path there) {
    return new Program(command, environment, Optional.of(there));
  }

  Program withEnvironment(String name, String value) {
    return new Program(command, Map.of(name, value), directory);
  }

  /** Runs it; where it fails the test is skipped, or failed in CI. */
  void runOrSkip(String why, String... arguments) throws IOException {
    var result = execute(arguments);
    if (result.status() != 0) {
      skip("%s: %s".formatted(why, result.output()));
    }
  }

  /** Runs it and answers what it printed; the test fails if it did. */
  String run(String... arguments) throws IOException {
    var result = execute(arguments);
    assertThat(result.status())
        .as(() -> "%s %s%n%s".formatted(command, List.of(arguments), result.output()))
        .isZero();
    return result.output();
  }

  /** Runs it, expecting that it fails, and answers what it printed. */
  String runFailing(String... arguments) throws IOException {
    var result = execute(arguments);
    assertThat(result.status())
        .as(() -> "%s %s%n%s".formatted(command, List.of(arguments), result.output()))
        .isNotZero();
    return result.output();
  }

  private Result execute(String... arguments) throws IOException {
    Path output = Files.createTempFile("program", ".log");
    var process = builder(arguments).redirectOutput(output.toFile()).start();
    try {
      process.getOutputStream().close();
      boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(ended).as("%s %s is still running", command, List.of(arguments)).isTrue();
      return new Result(process.exitValue(), Files.readString(output));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  /** Removes a directory and everything below it, root file systems with all their links. */
  static void remove(Path directory) throws IOException {
    require("rm").run("-rf", directory.toString());
  }

  /** Starts it; the test ends it by closing what comes back. */
  public Daemon start(Path log, String... arguments) throws IOException {
    return new Daemon(builder(arguments).redirectOutput(log.toFile()).start(), log);
  }

  private ProcessBuilder builder(String... arguments) {
    var builder = new ProcessBuilder(with(arguments).command).redirectErrorStream(true);
    directory.ifPresent(there -> builder.directory(there.toFile()));
    builder.environment().putAll(environment);
    builder.environment().put("LC_ALL", "C.UTF-8");
    return builder;
  }

  private record Result(int status, String output) {}

  /** A program that runs in the background. */
  public record Daemon(Process process, Path log) implements AutoCloseable {

    /** Waits until a command succeeds, which says that the daemon is ready. */
    void awaitReady(Program probe, String... arguments) throws IOException {
      for (int i = 0; i < 150; i++) {
        if (!process.isAlive()) {
          fail("daemon ended: " + Files.readString(log));
        }
        if (probe.execute(arguments).status() == 0) {
          return;
        }
        try {
          Thread.sleep(200);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException(e);
        }
      }
      fail("daemon is not ready: " + Files.readString(log));
    }

    @Override
    public void close() throws IOException {
      process.destroy();
      try {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }
  }
}

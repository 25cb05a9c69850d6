package dev.layercache.load.server;

import dev.layercache.load.measure.ProcessMeter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A process that ends with this one, at the latest. What it says goes to {@code log} in its
 * directory, which is deleted when it is closed.
 */
public final class ChildProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(120);
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final int CONNECT_MILLIS = 1000;
  private static final int LAST_LINES = 15;

  private final Path directory;
  private final Path log;
  private final Process process;
  private final Thread hook;

  private ChildProcess(Path directory, List<String> command, Map<String, String> environment)
      throws IOException {
    this.directory = directory;
    this.log = directory.resolve("log");
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    this.process = builder.start();
    this.hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * @param directory exists; the working directory of the process, deleted by {@link #close}
   */
  public static ChildProcess start(
      Path directory, List<String> command, Map<String, String> environment) throws IOException {
    return new ChildProcess(directory, command, environment);
  }

  /** Writes a line to its standard input. */
  public void tell(String line) throws IOException {
    var input = process.outputWriter();
    input.write(line);
    input.newLine();
    input.flush();
  }

  /** Ends its standard input. */
  public void endInput() throws IOException {
    process.outputWriter().close();
  }

  public ProcessMeter meter() {
    return new ProcessMeter(process.toHandle());
  }

  /** Everything that it has said. */
  public List<String> said() {
    try {
      return Files.readAllLines(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws IOException if the process ends, or takes too long; the message ends with what it said
   */
  public void await(BooleanSupplier ready) throws IOException, InterruptedException {
    await(ready, START);
  }

  /** The same with another longest wait. */
  public void await(BooleanSupplier ready, Duration most) throws IOException, InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (!ready.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("%s, its last words:%n%s".formatted(state(), lastWords()));
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  void awaitPort(InetSocketAddress address) throws IOException, InterruptedException {
    await(
        () -> {
          try (var socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Waits until it ends by itself, and fails if it does not end well within {@code patience}. */
  public void awaitEnd(Duration patience) throws IOException, InterruptedException {
    boolean ended = process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
    if (!ended || process.exitValue() != 0) {
      throw new IOException("%s, its last words:%n%s".formatted(state(), lastWords()));
    }
  }

  /** Ends it at once, as a power cut would. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private String state() {
    String program = process.info().command().orElse("a server");
    return process.isAlive()
        ? program + " is not ready"
        : "%s ended with %d".formatted(program, process.exitValue());
  }

  private String lastWords() {
    var lines = said();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  /** Sends a command to the JVM that it is, with jcmd; says so when it did not work. */
  void command(String... words) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    command.add(Long.toString(process.pid()));
    command.addAll(List.of(words));
    try {
      int exit = new ProcessBuilder(command).redirectOutput(Redirect.DISCARD).start().waitFor();
      if (exit != 0) {
        System.err.printf("%s ended with %d%n", String.join(" ", command), exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks it to end, then makes it. */
  public void stop() {
    var children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(STOP.toNanos(), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  /** Stops it and deletes its directory. */
  @Override
  public void close() {
    stop();
    delete(directory);
  }

  /** Deletes a directory and all that is in it. */
  public static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

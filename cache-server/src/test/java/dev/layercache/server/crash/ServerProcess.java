package dev.layercache.server.crash;

import dev.layercache.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * {@code layercache serve} in a process of its own, so that it can be killed: from this process's
 * classes, or as users start it when {@code -Dlayercache.launcher=FILE} names the launcher.
 */
final class ServerProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready grpc=(\\S+) http=(\\S+)");

  private static final Optional<String> LAUNCHER =
      Optional.ofNullable(System.getProperty("layercache.launcher"));

  private final Process process;
  private final String grpc;
  private final String http;

  private ServerProcess(Process process, String grpc, String http) {
    this.process = process;
    this.grpc = grpc;
    this.http = http;
  }

  /** Starts a server on {@code data} and waits until it is ready. */
  static ServerProcess start(Path data) throws IOException {
    return start(data, List.of());
  }

  /** The same with a configuration file. */
  static ServerProcess start(Path data, Path config) throws IOException {
    return start(data, List.of(), List.of("--config", config.toString()));
  }

  /**
   * The same, run by another program.
   *
   * @param prefix that program and its arguments; it must become the server's process
   */
  static ServerProcess start(Path data, List<String> prefix) throws IOException {
    return start(data, prefix, List.of());
  }

  private static ServerProcess start(Path data, List<String> prefix, List<String> more)
      throws IOException {
    var command = new ArrayList<>(prefix);
    if (LAUNCHER.isPresent() && prefix.isEmpty()) {
      command.add(LAUNCHER.get());
    } else {
      command.addAll(ownClasses());
    }
    command.addAll(List.of("serve", "--data", data.toString()));
    command.addAll(List.of("--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"));
    command.addAll(more);
    var process =
        new ProcessBuilder(command).redirectError(data.resolveSibling("log").toFile()).start();
    try {
      var out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = out.readLine();
      var ready = READY.matcher(String.valueOf(line));
      if (!ready.matches()) {
        throw new IOException("server said '%s' (expected: ready)".formatted(line));
      }
      return new ServerProcess(process, ready.group(1), ready.group(2));
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static List<String> ownClasses() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Djdk.virtualThreadScheduler.parallelism=32",
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        Main.class.getName());
  }

  String grpc() {
    return grpc;
  }

  String http() {
    return http;
  }

  /** SIGTERM; returns when the process is gone. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the server is still there 60 s after SIGTERM");
    }
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

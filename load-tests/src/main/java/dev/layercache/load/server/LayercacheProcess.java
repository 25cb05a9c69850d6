package dev.layercache.load.server;

import dev.layercache.load.measure.ProcessMeter;
import dev.layercache.load.net.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ours, as a process of its own: {@code layercache serve}. */
public final class LayercacheProcess implements Server, ReapiServer {
  /** As in the launcher. */
  public static final List<String> DEFAULT_MEMORY =
      List.of("-Xmx512m", "-XX:MaxDirectMemorySize=1g");

  /** Flags that {@link #dumpRecording} needs. */
  public static final List<String> RECORDING =
      List.of(
          "-XX:StartFlightRecording=settings=profile,jdk.CPUTimeSample#enabled=true,jdk.CPUTimeSample#throttle=10ms",
          "-Xlog:jfr*=off");

  private static final Pattern READY =
      Pattern.compile("ready grpc=(\\S+):(\\d+) http=(\\S+):(\\d+)");

  private final ChildProcess process;
  private final InetSocketAddress grpc;
  private final InetSocketAddress http;
  private final Path data;
  private final Duration startTime;

  private LayercacheProcess(ChildProcess process, Matcher ready, Path data, Duration startTime) {
    this.process = process;
    this.data = data;
    this.grpc = new InetSocketAddress(ready.group(1), Integer.parseInt(ready.group(2)));
    this.http = new InetSocketAddress(ready.group(3), Integer.parseInt(ready.group(4)));
    this.startTime = startTime;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param directory exists; deleted when the server is closed
   * @param data where it stores; outside of {@code directory} when it must outlive the server
   * @param words of the command line: {@code serve} or {@code agent}, and options of it
   */
  public static LayercacheProcess start(
      Host host, Path root, Path directory, Path data, List<String> jvmFlags, List<String> words)
      throws IOException, InterruptedException {
    var flags = new ArrayList<>(DEFAULT_MEMORY);
    flags.addAll(JavaProgram.recorded(root));
    flags.addAll(jvmFlags);
    var arguments = new ArrayList<>(words);
    arguments.add("--data=" + data);
    arguments.add("--grpc=%s:0".formatted(host.address()));
    arguments.add("--http=%s:0".formatted(host.address()));
    var command =
        host.running(
            JavaProgram.command(
                JavaProgram.serverClassPath(root), flags, "dev.layercache.cli.Main", arguments));
    long begin = System.nanoTime();
    var process = ChildProcess.start(directory, command, Map.of());
    try {
      process.await(() -> ready(process).isPresent());
      var took = Duration.ofNanos(System.nanoTime() - begin);
      return new LayercacheProcess(process, ready(process).orElseThrow(), data, took);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.stop();
      throw e;
    }
  }

  private static Optional<Matcher> ready(ChildProcess process) {
    return process.said().stream().map(READY::matcher).filter(Matcher::matches).findFirst();
  }

  @Override
  public String name() {
    return "layercache";
  }

  @Override
  public InetSocketAddress grpc() {
    return grpc;
  }

  @Override
  public InetSocketAddress http() {
    return http;
  }

  /** From the start of the process until it said that it is ready. */
  public Duration startTime() {
    return startTime;
  }

  @Override
  public Optional<Path> data() {
    return Optional.of(data);
  }

  @Override
  public Optional<ProcessMeter> meter() {
    return Optional.of(process.meter());
  }

  /**
   * Writes what was recorded so far into {@code directory}. The recorder cannot do that at the end:
   * the server halts its JVM. A server that is gone has nothing to write.
   */
  public void dumpRecording(Path directory) {
    process.command("JFR.dump", "filename=" + directory.resolve("server-%p.jfr"));
  }

  /** Ends it as a power cut would; {@link #close} is still needed. */
  public void kill() throws InterruptedException {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }
}

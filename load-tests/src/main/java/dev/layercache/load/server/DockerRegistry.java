package dev.layercache.load.server;

import dev.layercache.load.measure.ProcessMeter;
import dev.layercache.load.net.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Debian's docker-registry (2.8.2) on its file system driver, with its cache of descriptors. */
public final class DockerRegistry implements Server {
  private static final String CONFIGURATION =
      """
      version: 0.1
      log:
        level: error
        accesslog:
          disabled: %s
      storage:
        cache:
          blobdescriptor: inmemory
        filesystem:
          rootdirectory: %s
          maxthreads: 100
        delete:
          enabled: true
      http:
        addr: %s:%d
      """;

  private static final String MIRROR =
      """
      proxy:
        remoteurl: http://%s:%d
      """;

  private final ChildProcess process;
  private final InetSocketAddress http;
  private final Path data;

  private DockerRegistry(ChildProcess process, InetSocketAddress http, Path data) {
    this.process = process;
    this.http = http;
    this.data = data;
  }

  /**
   * Starts it and waits until it takes connections.
   *
   * @param directory exists; deleted when the server is closed
   */
  public static DockerRegistry start(Path directory) throws IOException, InterruptedException {
    return start(Host.HERE, directory, directory.resolve("data"), false, "");
  }

  /** The same as a pull-through mirror of one registry; it takes no pushes. */
  public static DockerRegistry startMirror(Path directory, InetSocketAddress upstream)
      throws IOException, InterruptedException {
    var proxy = MIRROR.formatted(upstream.getHostString(), upstream.getPort());
    return start(Host.HERE, directory, directory.resolve("data"), false, proxy);
  }

  /**
   * The same on another host, with a line for each request in what it says.
   *
   * @param data where it stores, which others may share
   */
  public static DockerRegistry startOn(Host host, Path directory, Path data)
      throws IOException, InterruptedException {
    return start(host, directory, data, true, "");
  }

  private static DockerRegistry start(
      Host host, Path directory, Path data, boolean requestsAreSaid, String more)
      throws IOException, InterruptedException {
    var http = host.freeAddress();
    var file = directory.resolve("config.yml");
    Files.writeString(
        file,
        CONFIGURATION.formatted(!requestsAreSaid, data, http.getHostString(), http.getPort())
            + more);
    var command = host.running(List.of("docker-registry", "serve", file.toString()));
    var process = ChildProcess.start(directory, command, Map.of("OTEL_TRACES_EXPORTER", "none"));
    try {
      process.awaitPort(http);
      return new DockerRegistry(process, http, data);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.stop();
      throw e;
    }
  }

  /** How many requests it has got that begin so; only where it says its requests. */
  public long requests(String method, String path) {
    String line = "\"%s %s ".formatted(method, path);
    return process.said().stream().filter(said -> said.contains(line)).count();
  }

  @Override
  public String name() {
    return "docker-registry";
  }

  @Override
  public InetSocketAddress http() {
    return http;
  }

  @Override
  public Optional<Path> data() {
    return Optional.of(data);
  }

  @Override
  public Optional<ProcessMeter> meter() {
    return Optional.of(process.meter());
  }

  @Override
  public void close() {
    process.close();
  }
}

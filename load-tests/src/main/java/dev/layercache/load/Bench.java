package dev.layercache.load;

import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.measure.Load;
import dev.layercache.load.measure.Outcome;
import dev.layercache.load.measure.Usage;
import dev.layercache.load.net.Host;
import dev.layercache.load.server.ChildProcess;
import dev.layercache.load.server.DockerRegistry;
import dev.layercache.load.server.Endpoint;
import dev.layercache.load.server.LayercacheProcess;
import dev.layercache.load.server.Nginx;
import dev.layercache.load.server.Server;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What suites stand on: servers to start, data to make, a way to measure. One for each suite; its
 * close stops every server that is left and deletes all data. Not thread-safe.
 */
public final class Bench implements AutoCloseable {
  private static final int SYNC_SECONDS = 300;

  private final Settings settings;
  private final PrintWriter progress;
  private final BlobFactory blobs;
  private final Path directory;
  private final Deque<Server> servers = new ArrayDeque<>();

  /**
   * @param progress takes a line for each step
   */
  public Bench(Settings settings, PrintWriter progress) throws IOException {
    this.settings = settings;
    this.progress = progress;
    this.blobs = new BlobFactory(settings.seed());
    this.directory = Files.createTempDirectory(settings.workDirectory(), "layercache-load-");
  }

  /** One run of a load. */
  @FunctionalInterface
  public interface Driver {
    Load drive() throws IOException, InterruptedException;
  }

  public Settings settings() {
    return settings;
  }

  public BlobFactory blobs() {
    return blobs;
  }

  /** Says what is being done. */
  public void progress(String step) {
    progress.println("   " + step);
    progress.flush();
  }

  /** An empty directory that is deleted with everything else. */
  public Path newDirectory(String name) throws IOException {
    return Files.createTempDirectory(directory, name + "-");
  }

  /**
   * @throws IOException if the volume has less free space than a suite will need
   */
  public void requireSpace(long bytes) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < bytes) {
      throw new IOException(
          "%s has %d GiB free (expected: %d GiB; see --work-dir, --blob-size and --quick)"
              .formatted(directory, free >> 30, (bytes >> 30) + 1));
    }
  }

  /** Ours, on an empty store. */
  public LayercacheProcess startLayercache(List<String> jvmFlags)
      throws IOException, InterruptedException {
    return startLayercache(newDirectory("data"), jvmFlags);
  }

  /** Ours, on a store that is there already. */
  public LayercacheProcess startLayercache(Path data, List<String> jvmFlags)
      throws IOException, InterruptedException {
    return start(Host.HERE, data, jvmFlags, List.of("serve"));
  }

  /** Ours on an empty store, as a pull-through mirror of a registry that it calls {@code host}. */
  public LayercacheProcess startMirror(String host, InetSocketAddress upstream)
      throws IOException, InterruptedException {
    return startMirrorOn(Host.HERE, host, upstream);
  }

  /** The same on another host. */
  public LayercacheProcess startMirrorOn(Host place, String host, InetSocketAddress upstream)
      throws IOException, InterruptedException {
    var url = "http://%s:%d".formatted(upstream.getHostString(), upstream.getPort());
    return start(
        place,
        newDirectory("data"),
        List.of(),
        List.of("serve", "--upstream=%s=%s".formatted(host, url)));
  }

  /** Ours on an empty store, as an agent. */
  public LayercacheProcess startAgent(LayercacheProcess parent)
      throws IOException, InterruptedException {
    var at = parent.grpc();
    var address = "%s:%d".formatted(at.getHostString(), at.getPort());
    return start(
        Host.HERE, newDirectory("data"), List.of(), List.of("agent", "--parent=" + address));
  }

  private LayercacheProcess start(Host place, Path data, List<String> jvmFlags, List<String> words)
      throws IOException, InterruptedException {
    var flags = new ArrayList<>(jvmFlags);
    flags.addAll(settings.serverFlags());
    settings.recordings().ifPresent(to -> flags.addAll(LayercacheProcess.RECORDING));
    return own(
        LayercacheProcess.start(
            place, settings.root(), newDirectory("layercache"), data, flags, words));
  }

  /**
   * Ours, docker-registry and the peers of the command line; those that are not installed or were
   * left out are missing.
   */
  public List<Server> startRegistries() throws IOException, InterruptedException {
    var started = new ArrayList<Server>();
    started.add(startLayercache(List.of()));
    startDockerRegistry().ifPresent(started::add);
    started.addAll(settings.registries());
    return started;
  }

  public boolean hasDockerRegistry() {
    return isWanted("docker-registry", "docker-registry");
  }

  /** docker-registry; empty when it is not installed or was left out. */
  public Optional<DockerRegistry> startDockerRegistry() throws IOException, InterruptedException {
    return hasDockerRegistry()
        ? Optional.of(own(DockerRegistry.start(newDirectory("docker-registry"))))
        : Optional.empty();
  }

  /** docker-registry on another host, over data that others may share. */
  public DockerRegistry startDockerRegistryOn(Host place, Path data)
      throws IOException, InterruptedException {
    return own(DockerRegistry.startOn(place, newDirectory("docker-registry"), data));
  }

  /** docker-registry as a pull-through mirror. */
  public DockerRegistry startDockerMirror(InetSocketAddress upstream)
      throws IOException, InterruptedException {
    return own(DockerRegistry.startMirror(newDirectory("docker-registry"), upstream));
  }

  /** nginx, when it is installed and was not left out. */
  public Optional<Server> startNginx() throws IOException, InterruptedException {
    return isWanted("nginx", "nginx")
        ? Optional.of(own(Nginx.start(newDirectory("nginx"))))
        : Optional.empty();
  }

  private boolean isWanted(String variant, String program) {
    if (settings.without().contains(variant)) {
      return false;
    }
    boolean installed =
        List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).stream()
            .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
    if (!installed) {
      progress(
          program + " is not on PATH: it is left out (Debian: apt-get install " + program + ")");
    }
    return installed;
  }

  private <T extends Server> T own(T server) {
    servers.push(server);
    return server;
  }

  /** Stops a server before the suite ends and deletes what it stored. */
  public void stop(Server server) {
    servers.remove(server);
    end(server);
  }

  private void end(Server server) {
    if (server instanceof LayercacheProcess ours) {
      settings.recordings().ifPresent(ours::dumpRecording);
    }
    server.close();
  }

  /**
   * Runs a load against a server and reads what the server used meanwhile. Data that was written
   * before is on disk when it begins, so that nobody pays for another.
   */
  public Outcome measure(Endpoint server, Driver driver) throws IOException, InterruptedException {
    sync();
    var meter = server.meter();
    if (meter.isEmpty()) {
      return new Outcome(driver.drive(), Optional.empty());
    }
    meter.get().resetPeak();
    var before = meter.get().now();
    var load = driver.drive();
    Usage used = meter.get().now().since(before);
    return new Outcome(load, Optional.of(used));
  }

  /** Waits until everything that was written before is on disk. */
  public void sync() throws IOException, InterruptedException {
    var process = new ProcessBuilder("sync").inheritIO().start();
    if (!process.waitFor(SYNC_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("sync took more than %d s".formatted(SYNC_SECONDS));
    }
  }

  @Override
  public void close() {
    while (!servers.isEmpty()) {
      end(servers.pop());
    }
    ChildProcess.delete(directory);
  }
}

package dev.layercache.server.app;

import dev.layercache.cli.CliCommand;
import dev.layercache.server.config.ConfigException;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code layercache serve}: runs a server until the process is told to stop. */
@Command(
    name = "serve",
    description = {
      "Run a server until SIGTERM or SIGINT, which let requests in progress end.",
      "Prints 'ready grpc=HOST:PORT http=HOST:PORT' when it takes requests."
    },
    footerHeading =
        "%nBounds, in the configuration file or as LAYERCACHE_RESOURCES_UPLOADS and so on:%n",
    footer = {
      "  resources.uploads         unfinished uploads; further ones get 429 or UNAVAILABLE (10000)",
      "  resources.uploadWriters   large uploads written at once, 264 KiB each; others wait (256)",
      "  resources.openFiles       of the database (three quarters of the process's limit)",
      "  resources.databaseMemory  native block cache and write buffers (1/64 of the machine's",
      "                            memory, 64MiB to 512MiB)",
      "  limits.maxConnections     gRPC connections; they share a quarter of direct memory (256)",
      "  integrity.scrubRate       bytes a second that the background check reads (20MiB; 0: off)",
      "Heap and direct memory: LAYERCACHE_JVM='-Xmx1g -XX:MaxDirectMemorySize=2g'."
    },
    mixinStandardHelpOptions = true)
public final class ServeCommand implements CliCommand {
  private static final Duration FOREVER = Duration.ofDays(36_500);

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Directory for everything that is stored; created when absent (./data).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--grpc",
      paramLabel = "HOST:PORT",
      converter = Address.class,
      description = "Where to serve gRPC; port 0 picks a free one (127.0.0.1:8980).")
  private Optional<HostPort> grpc = Optional.empty();

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      converter = Address.class,
      description = "Where to serve HTTP; port 0 picks a free one (127.0.0.1:5000).")
  private Optional<HostPort> http = Optional.empty();

  @Option(
      names = "--budget",
      paramLabel = "SIZE",
      description =
          "What everything in the data directory may take on disk: 200GiB, at least 64MiB, or a"
              + " share of the volume (80%%). What was unused for longest is evicted to stay below"
              + " it.")
  private Optional<String> budget = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file; the environment and the other options win over it.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--upstream",
      paramLabel = "HOST=URL",
      description = {
        "Mirror the registry that clients call HOST; its images are HOST/NAME here.",
        "URL may be loopback or private. May be given several times."
      })
  private List<String> upstreams = List.of();

  /** For {@link java.util.ServiceLoader}. */
  public ServeCommand() {}

  /** {@code HOST:PORT} on the command line. */
  static final class Address implements ITypeConverter<HostPort> {
    @Override
    public HostPort convert(String value) {
      try {
        return HostPort.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Returns when the thread is interrupted; a signal ends the process. */
  @Override
  public Integer call() throws IOException, ConfigException {
    logThroughSlf4j();
    var settings = configuration();
    return serve(spec, () -> LayercacheServer.start(settings));
  }

  /** Starts a server. */
  interface Start {
    LayercacheServer start() throws IOException;
  }

  /** Serves until the thread is interrupted; a signal ends the process. */
  static int serve(CommandSpec spec, Start start) throws IOException {
    try (var server = start.start();
        var _ = new StopOnSignal(server)) {
      var out = spec.commandLine().getOut();
      out.println("ready grpc=%s http=%s".formatted(server.grpcAddress(), server.httpAddress()));
      out.flush();
      Thread.sleep(FOREVER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private ServerConfig configuration() throws ConfigException {
    var loader = new ConfigLoader();
    if (config.isPresent()) {
      loader.file(config.get());
    }
    loader.environment(System.getenv());
    data.ifPresent(value -> loader.flag(ConfigKey.DATA, "--data", value.toString()));
    grpc.ifPresent(value -> loader.flag(ConfigKey.GRPC_LISTEN, "--grpc", value.toString()));
    http.ifPresent(value -> loader.flag(ConfigKey.HTTP_LISTEN, "--http", value.toString()));
    budget.ifPresent(value -> loader.flag(ConfigKey.STORAGE_BUDGET, "--budget", value));
    for (String upstream : upstreams) {
      loader.upstream("--upstream", upstream);
    }
    return loader.load();
  }

  /** gRPC logs through java.util.logging. */
  static void logThroughSlf4j() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}

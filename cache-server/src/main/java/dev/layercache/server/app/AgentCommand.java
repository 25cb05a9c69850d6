package dev.layercache.server.app;

import dev.layercache.cli.CliCommand;
import dev.layercache.server.agent.AgentOptions;
import dev.layercache.server.config.ConfigException;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.server.config.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code layercache agent}: runs a server on a build machine, in front of a shared one. */
@Command(
    name = "agent",
    description = {
      "Run a server on this machine in front of a shared one, its parent.",
      "What is not here is fetched from the parent once and kept; what is pushed here goes through",
      "to the parent and is acknowledged when the parent has it. While the parent is away, what is",
      "here is served and pushes are refused. Point docker, containerd or podman at --http.",
      "Prints 'ready grpc=HOST:PORT http=HOST:PORT' when it takes requests."
    },
    mixinStandardHelpOptions = true)
public final class AgentCommand implements CliCommand {
  private static final long MAX_TAG_SECONDS = 86_400;

  @Spec private CommandSpec spec;

  @Option(
      names = "--parent",
      paramLabel = "HOST:PORT",
      required = true,
      converter = ServeCommand.Address.class,
      description = "gRPC address of the server to stand in front of. It need not be up yet.")
  private Optional<HostPort> parent = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "Directory for what is kept here; created when absent.")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      converter = ServeCommand.Address.class,
      description = "Where to serve HTTP; port 0 picks a free one (127.0.0.1:5000).")
  private Optional<HostPort> http = Optional.empty();

  @Option(
      names = "--grpc",
      paramLabel = "HOST:PORT",
      converter = ServeCommand.Address.class,
      description = "Where to serve gRPC; port 0 picks a free one (127.0.0.1:8980).")
  private Optional<HostPort> grpc = Optional.empty();

  @Option(
      names = "--budget",
      paramLabel = "SIZE",
      description =
          "What everything in the data directory may take on disk: 20GiB, at least 64MiB, or a"
              + " share of the volume (80%%). What was unused for longest is evicted to stay below"
              + " it.")
  private Optional<String> budget = Optional.empty();

  @Option(
      names = "--tag-ttl",
      paramLabel = "SECONDS",
      description = "How long a tag is taken for granted before the parent is asked again (10).")
  private long tagSeconds = AgentOptions.TAG_TIME_TO_LIVE.toSeconds();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file as for serve; the environment and the other options win over it.")
  private Optional<Path> config = Optional.empty();

  /** For {@link java.util.ServiceLoader}. */
  public AgentCommand() {}

  /** Returns when the thread is interrupted; a signal ends the process. */
  @Override
  public Integer call() throws IOException, ConfigException {
    ServeCommand.logThroughSlf4j();
    var settings = configuration().load();
    var options = options();
    return ServeCommand.serve(spec, () -> LayercacheServer.startAgent(settings, options));
  }

  private AgentOptions options() {
    if (tagSeconds < 0 || tagSeconds > MAX_TAG_SECONDS) {
      throw new ParameterException(
          spec.commandLine(),
          "--tag-ttl %d (expected: 0 to %d seconds)".formatted(tagSeconds, MAX_TAG_SECONDS));
    }
    return new AgentOptions(parent.orElseThrow().toString(), Duration.ofSeconds(tagSeconds));
  }

  private ConfigLoader configuration() throws ConfigException {
    var loader = new ConfigLoader();
    if (config.isPresent()) {
      loader.file(config.get());
    }
    loader.environment(System.getenv());
    data.ifPresent(value -> loader.flag(ConfigKey.DATA, "--data", value.toString()));
    grpc.ifPresent(value -> loader.flag(ConfigKey.GRPC_LISTEN, "--grpc", value.toString()));
    http.ifPresent(value -> loader.flag(ConfigKey.HTTP_LISTEN, "--http", value.toString()));
    budget.ifPresent(value -> loader.flag(ConfigKey.STORAGE_BUDGET, "--budget", value));
    return loader;
  }
}

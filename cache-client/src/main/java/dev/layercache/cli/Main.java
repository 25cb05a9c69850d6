package dev.layercache.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.layercache.client.ClientOptions;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The entry of {@code layercache}: finds the commands, runs one, turns failures into messages. */
@Command(
    name = "layercache",
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    header =
        "A content-addressed layer cache for build fleets: only bytes that are missing move.%n",
    optionListHeading = "%nOptions of every command:%n",
    commandListHeading = "%nCommands:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  layercache demo                              see it work, without any set-up",
      "  layercache serve --data /var/lib/layercache  run a server",
      "  layercache push oci:build/image app:v1       send an image: missing layers move",
      "  layercache pull app:v1 oci:copy              fetch it: missing layers move",
      "  layercache push --help                       all about one command",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage."
    })
public final class Main implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Streams streams;

  @Spec private CommandSpec spec;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print one JSON object on standard output, also when the command fails.")
  private boolean json;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  private Main(Streams streams) {
    this.streams = streams;
  }

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    // gRPC logs there; a command says itself what failed.
    LogManager.getLogManager().reset();
    System.exit(run(Streams.ofProcess(), args));
  }

  /**
   * Runs one command in this process.
   *
   * @return the exit code: 0 done, 1 failed, 2 wrong usage
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return run(new Streams(InputStream.nullInputStream(), out, err, Optional.empty()), args);
  }

  static int run(Streams streams, String... args) {
    var main = new Main(streams);
    var line = new CommandLine(main);
    line.getCommandSpec().addOption(helpOption()).addOption(versionOption());
    commands(args).forEach(line::addSubcommand);
    for (CommandLine command : line.getSubcommands().values()) {
      if (command.getCommandSpec().findOption("--help") == null) {
        command.getCommandSpec().addOption(helpOption());
      }
    }
    // Settings go down to the commands that are there by now.
    line.setOut(streams.out())
        .setErr(streams.err())
        .registerConverter(RegistryClient.class, converter(RegistryClient::parse))
        .registerConverter(ImageReference.class, converter(ImageReference::parse))
        .registerConverter(Platform.class, converter(Platform::parse))
        .registerConverter(Duration.class, converter(Durations::parse))
        .registerConverter(ClientOptions.class, converter(ClientOptions::server))
        .setUsageHelpWidth(100)
        .setUsageHelpLongOptionsMaxWidth(30)
        .setParameterExceptionHandler((e, given) -> main.wrongUsage(e, given))
        .setExecutionExceptionHandler((e, command, result) -> main.failed(e, args));
    int code = line.execute(args);
    streams.out().flush();
    streams.err().flush();
    return code;
  }

  /**
   * The command that the first argument names, alone: reading the annotations of all of them takes
   * a tenth of a start. All of them when it names none.
   */
  private static List<CliCommand> commands(String[] args) {
    var all = new ArrayList<CliCommand>();
    ServiceLoader.load(CliCommand.class).forEach(all::add);
    all.addAll(builtIn());
    return all.stream()
        .filter(command -> args.length > 0 && isNamed(command, args[0]))
        .findFirst()
        .map(List::of)
        .orElse(all);
  }

  private static boolean isNamed(CliCommand command, String name) {
    var described = command.getClass().getAnnotation(Command.class);
    return described != null && described.name().equals(name);
  }

  private static OptionSpec helpOption() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .description("Show this help and exit.")
        .build();
  }

  private static OptionSpec versionOption() {
    return OptionSpec.builder("--version")
        .versionHelp(true)
        .description("Print the version and exit.")
        .build();
  }

  private static List<CliCommand> builtIn() {
    return List.of(
        new PushCommand(),
        new PullCommand(),
        new PrefetchCommand(),
        new MissingCommand(),
        new ImagesCommand(),
        new TagsCommand(),
        new InspectCommand(),
        new RemoveCommand(),
        new PinCommand(),
        new UnpinCommand(),
        new PinsCommand(),
        new WhyCommand(),
        new DiskUsageCommand(),
        new CollectCommand(),
        new UploadsCommand(),
        new StatsCommand(),
        new VerifyCommand(),
        new QuarantineCommand(),
        new BackupCommand(),
        new SetupCommand());
  }

  /** Parsers say in their message what was given and expected: that is all there is to show. */
  private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    };
  }

  /** Whether the command prints JSON. */
  public boolean json() {
    return json;
  }

  /** Prints the one JSON object of a command; keys in the order of {@code object}. */
  public void printJson(Map<String, ?> object) {
    try {
      streams.out().println(JSON.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON form: " + object.keySet(), e);
    }
  }

  Streams streams() {
    return streams;
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }

  private int wrongUsage(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    Optional<String> command = unknownCommand(e);
    report(
        command.map("unknown command: '%s'"::formatted).orElse(String.valueOf(e.getMessage())),
        args);
    if (command.isPresent()) {
      Similar.to(command.get(), line.getSubcommands().keySet())
          .ifPresent(name -> streams.err().println("Did you mean '%s'?".formatted(name)));
    } else {
      UnmatchedArgumentException.printSuggestions(e, streams.err());
    }
    streams.err().println("Try '%s --help'.".formatted(line.getCommandSpec().qualifiedName()));
    return CommandLine.ExitCode.USAGE;
  }

  private static Optional<String> unknownCommand(ParameterException e) {
    return e instanceof UnmatchedArgumentException unmatched
            && e.getCommandLine().getParent() == null
        ? unmatched.getUnmatched().stream().findFirst().filter(word -> !word.startsWith("-"))
        : Optional.empty();
  }

  private int failed(Exception e, String[] args) {
    report(FailureMessage.of(e), args);
    if (verbose) {
      e.printStackTrace(streams.err());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private void report(String message, String[] args) {
    streams.err().println("layercache: " + message);
    // Not the field: a command line that cannot be parsed does not set it.
    if (Arrays.asList(args).contains("--json")) {
      printJson(Map.of("error", message));
    }
  }
}

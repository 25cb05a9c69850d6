package dev.layercache.load;

import dev.layercache.load.data.ByteSize;
import dev.layercache.load.measure.Machine;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.HtmlReport;
import dev.layercache.load.report.JsonReport;
import dev.layercache.load.report.ResultsFile;
import dev.layercache.load.report.RunReport;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.SuiteReport;
import dev.layercache.load.report.Target.Bound;
import dev.layercache.load.report.TextReport;
import dev.layercache.load.server.RemoteReapi;
import dev.layercache.load.server.RemoteRegistry;
import dev.layercache.load.suite.Suite;
import dev.layercache.load.suite.Suites;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The entry of {@code load-tests/run}. Exit codes: 0 done, 1 a suite failed, 2 wrong usage. */
@Command(
    name = "load-tests/run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures layercache beside its peers: starts servers, drives load, prints what it cost.",
      "'load-tests/run jmh [PATTERN]' runs the micro-benchmarks instead."
    })
public final class LoadTests implements Callable<Integer> {
  private static final double MOST_RESIDENT_MIB = 1024;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "SUITE",
      arity = "0..*",
      description =
          "Suites to run, as blobs/push, or blobs for all of its parts; all but soak when none is named.")
  private List<String> names = List.of();

  @Option(
      names = "--quick",
      description = "Everything small: shows that the bench works, in about a minute.")
  private boolean quick;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Runs of everything, interleaved (3; 1 with --quick).")
  private Optional<Integer> runs = Optional.empty();

  @Option(
      names = "--blob-size",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description = "Size of large blobs, as 64MiB; each suite has its own.")
  private Optional<ByteSize> blobSize = Optional.empty();

  @Option(
      names = "--at-once",
      paramLabel = "N",
      split = ",",
      description = "Large blobs that move at once, as 1,4,16.")
  private List<Integer> atOnce = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long each load of small requests lasts (3).")
  private Optional<Integer> seconds = Optional.empty();

  @Option(
      names = "--oci-peer",
      paramLabel = "NAME=URL",
      description = "A further OCI registry, as harbor=http://10.0.0.7:5000; may be repeated.")
  private List<String> registries = List.of();

  @Option(
      names = "--reapi-peer",
      paramLabel = "NAME=URL",
      description =
          "A further Remote Execution API cache, as other=grpc://10.0.0.7:9092; may be repeated.")
  private List<String> reapiServers = List.of();

  @Option(
      names = "--without",
      paramLabel = "NAME",
      split = ",",
      description = "Peers to leave out: docker-registry, nginx.")
  private Set<String> without = Set.of();

  @Option(
      names = "--server-jvm",
      paramLabel = "FLAGS",
      split = " ",
      description = "Further JVM flags of our server.")
  private List<String> serverFlags = List.of();

  @Option(
      names = "--record",
      paramLabel = "DIR",
      description = "Record our server with Java Flight Recorder (see load-tests/profile).")
  private Optional<Path> recordings = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of all data (a new one each time).")
  private OptionalLong seed = OptionalLong.empty();

  @Option(
      names = "--work-dir",
      paramLabel = "DIR",
      description = "Where data is made, deleted at the end (the system's temp directory).")
  private Path workDirectory = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(
      names = "--report-dir",
      paramLabel = "DIR",
      description = "Where report.json and report.html go (load-tests/target/report).")
  private Optional<Path> reportDirectory = Optional.empty();

  @Option(
      names = "--write-results",
      description = "Replace the sections of these suites in load-tests/RESULTS.md.")
  private boolean writeResults;

  private LoadTests() {}

  public static void main(String[] args) {
    var line = new CommandLine(new LoadTests()).setUsageHelpWidth(120);
    line.getCommandSpec().usageMessage().footer(footer());
    System.exit(line.execute(args));
  }

  private static String[] footer() {
    return Stream.concat(
            Stream.of("", "Suites:"),
            Suites.all().stream()
                .map(suite -> "  %-15s %s".formatted(suite.name(), suite.description())))
        .toArray(String[]::new);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var suites = suites();
    var settings = settings();
    var out = spec.commandLine().getOut();
    var machine = Machine.describe(workDirectory);
    out.printf("%s%nseed %d%n", machine, settings.seed());
    var reports = new ArrayList<SuiteReport>();
    boolean failed = false;
    for (var suite : suites) {
      try {
        var report = run(suite, settings, out);
        out.print(TextReport.of(report));
        out.flush();
        reports.add(report);
      } catch (IOException e) {
        failed = true;
        spec.commandLine().getErr().printf("%s failed: %s%n", suite.name(), e.getMessage());
      }
    }
    write(new RunReport(Instant.now(), machine, command(), quick, reports), settings, out);
    return failed ? 1 : 0;
  }

  private List<Suite> suites() {
    if (names.isEmpty()) {
      return Suites.all().stream().filter(Suite::runsUnasked).toList();
    }
    return names.stream().flatMap(name -> named(name).stream()).distinct().toList();
  }

  private List<Suite> named(String name) {
    var found = Suites.named(name);
    if (found.isEmpty()) {
      throw usage("suite: %s (expected: %s)".formatted(name, known()));
    }
    return found;
  }

  private static String known() {
    return String.join(", ", Suites.all().stream().map(Suite::name).toList());
  }

  private Settings settings() {
    if (writeResults && quick) {
      throw usage(
          "--write-results with --quick (expected: one of them: quick figures mean nothing)");
    }
    int wanted = runs.orElse(quick ? 1 : 3);
    boolean positive =
        Stream.concat(atOnce.stream(), Stream.of(wanted, seconds.orElse(1))).allMatch(n -> n > 0);
    if (!positive) {
      throw usage("--runs, --at-once and --seconds (expected: 1 or more)");
    }
    try {
      return new Settings(
          Path.of(System.getProperty("layercache.root", ".")),
          workDirectory.toAbsolutePath(),
          quick,
          wanted,
          blobSize.map(size -> OptionalLong.of(size.bytes())).orElse(OptionalLong.empty()),
          List.copyOf(atOnce),
          seconds.map(Duration::ofSeconds),
          registries.stream().map(RemoteRegistry::parse).toList(),
          reapiServers.stream().map(RemoteReapi::parse).toList(),
          Set.copyOf(without),
          seed.orElse(System.currentTimeMillis() & Integer.MAX_VALUE),
          serverFlags.stream().filter(flag -> !flag.isBlank()).toList(),
          recordings.map(Path::toAbsolutePath));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.toString(), e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static SuiteReport run(Suite suite, Settings settings, PrintWriter out)
      throws IOException, InterruptedException {
    out.printf("%n%s: %s%n", suite.name(), suite.description());
    var recorder = new SuiteRecorder();
    try (var bench = new Bench(settings, out)) {
      suite.run(bench, recorder);
    }
    residentTarget(recorder);
    return recorder.report(suite.name(), suite.description());
  }

  /** In every suite that looked at memory: RSS holds whatever the server allocates and maps. */
  private static void residentTarget(SuiteRecorder recorder) {
    recorder.mostTarget(
        "most peak RSS of layercache (heap 512 MiB, direct memory 1 GiB, unless the suite says otherwise)",
        "layercache",
        Metric.PEAK_RESIDENT,
        Bound.LESS_THAN,
        MOST_RESIDENT_MIB);
  }

  private String command() {
    var arguments = spec.commandLine().getParseResult().originalArgs();
    return ("load-tests/run " + String.join(" ", arguments)).trim();
  }

  private void write(RunReport run, Settings settings, PrintWriter out) throws IOException {
    var directory =
        Files.createDirectories(
            reportDirectory.orElse(settings.root().resolve("load-tests/target/report")));
    JsonReport.write(run, directory.resolve("report.json"));
    HtmlReport.write(run, directory.resolve("report.html"));
    out.printf("%nreport: %s%n", directory.resolve("report.html").toUri());
    if (writeResults) {
      new ResultsFile(settings.root().resolve("load-tests/RESULTS.md")).update(run);
    }
  }
}

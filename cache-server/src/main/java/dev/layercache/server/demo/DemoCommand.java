package dev.layercache.server.demo;

import dev.layercache.cli.CancelOnShutdown;
import dev.layercache.cli.CliCommand;
import dev.layercache.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code layercache demo}. */
@Command(
    name = "demo",
    description = {
      "See it work: two agents share an image through a server, all on this machine.",
      "Takes well under a minute and about 1 GiB of disk meanwhile; nothing is left behind."
    },
    footerHeading = "%nExamples:%n",
    footer = "  layercache demo")
public final class DemoCommand implements CliCommand {
  /** About what a JDK's modules take: as large as base layers are. */
  private static final long BASE_BYTES = 160L << 20;

  private static final long APPLICATION_BYTES = 24L << 20;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Where the temporary directory is made. Default: the system's.")
  private Optional<Path> directory = Optional.empty();

  /** For {@link java.util.ServiceLoader}. */
  public DemoCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter story = main.json() ? spec.commandLine().getErr() : spec.commandLine().getOut();
    List<DemoStep> steps;
    var self = Thread.currentThread();
    try (var cancel = new CancelOnShutdown(self::interrupt);
        var place = TemporaryDirectory.in(directory)) {
      steps = new Demo(place.path(), story, BASE_BYTES, APPLICATION_BYTES).run();
    }
    if (main.json()) {
      main.printJson(DemoTable.json(steps));
    } else {
      DemoTable.print(steps, story);
    }
    return 0;
  }

  /** A directory that goes away with all that is in it. */
  private record TemporaryDirectory(Path path) implements AutoCloseable {
    static TemporaryDirectory in(Optional<Path> parent) throws IOException {
      return new TemporaryDirectory(
          parent.isPresent()
              ? Files.createTempDirectory(parent.get(), "layercache-demo-")
              : Files.createTempDirectory("layercache-demo-"));
    }

    @Override
    public void close() throws IOException {
      Tree.delete(path);
    }
  }
}

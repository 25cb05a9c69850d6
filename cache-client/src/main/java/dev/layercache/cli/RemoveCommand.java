package dev.layercache.cli;

import dev.layercache.oci.ImageReference;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "rm",
    description = "Remove a tag. Layers stay until nothing needs them and room is wanted.",
    footerHeading = "%nExamples:%n",
    footer = "  layercache rm app:v1")
final class RemoveCommand implements CliCommand {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ServerOption server;

  @Parameters(paramLabel = "NAME:TAG", description = "The tag to remove; it must be given.")
  private ImageReference name;

  @Override
  public Integer call() throws IOException {
    if (name.tag().isEmpty() || name.digest().isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "tag to remove: '%s' (expected: NAME:TAG)".formatted(name));
    }
    try (var client = server.connect()) {
      client.deleteTag(name);
    }
    if (main.json()) {
      main.printJson(Json.object("removed", name.toString()));
    } else {
      main.streams().out().println("removed " + name);
    }
    return 0;
  }
}

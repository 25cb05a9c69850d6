package dev.layercache.cli;

import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "tags",
    description = "List the tags of a repository and what they point to.",
    footerHeading = "%nExamples:%n",
    footer = "  layercache tags library/debian")
final class TagsCommand implements CliCommand {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ServerOption server;

  @Parameters(paramLabel = "NAME", description = "The repository, as in library/debian.")
  private ImageReference name;

  @Override
  public Integer call() throws IOException {
    if (name.tag().isPresent() || name.digest().isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "repository: '%s' (expected: NAME, without a tag)".formatted(name));
    }
    try (var client = server.connect()) {
      var tags = client.tags(name.repository());
      if (main.json()) {
        main.printJson(
            Json.object(
                "name",
                name.repository(),
                "tags",
                tags.stream()
                    .map(
                        tag ->
                            Json.object(
                                "tag", tag.name(),
                                "manifest", Json.descriptor(tag.manifest()),
                                "updated", tag.updated().toString()))
                    .toList()));
      } else {
        var table = new TextTable("TAG", "DIGEST", "UPDATED");
        tags.forEach(
            tag ->
                table.row(
                    tag.name(),
                    tag.manifest().digest(),
                    tag.updated().truncatedTo(ChronoUnit.SECONDS)));
        table.print(main.streams().out());
      }
    }
    return 0;
  }
}

package dev.layercache.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "images",
    description = "List the server's repositories, whoever pushed them.",
    footerHeading = "%nExamples:%n",
    footer = {"  layercache images", "  layercache images --json --server cache.example:8980"})
final class ImagesCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var repositories = client.repositories();
      if (main.json()) {
        main.printJson(
            Map.of(
                "repositories",
                repositories.stream()
                    .map(
                        repository ->
                            Json.object("name", repository.name(), "tags", repository.tags()))
                    .toList()));
      } else {
        var table = new TextTable("REPOSITORY", "TAGS");
        repositories.forEach(repository -> table.row(repository.name(), repository.tags()));
        table.print(main.streams().out());
      }
    }
    return 0;
  }
}

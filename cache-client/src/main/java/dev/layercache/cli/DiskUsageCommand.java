package dev.layercache.cli;

import dev.layercache.client.DiskUsage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "du",
    description = {
      "Show who takes how much: bytes by repository, or by image.",
      "BYTES counts each blob once; OWN are those that no other repository or image names."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  layercache du", "  layercache du --images team/app"})
final class DiskUsageCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "Only this repository.")
  private Optional<String> repository = Optional.empty();

  @Option(names = "--images", description = "List images too.")
  private boolean images;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var usage = client.diskUsage(repository, images);
      if (main.json()) {
        printJson(usage);
      } else {
        print(usage, main.streams().out());
      }
    }
    return 0;
  }

  private void print(DiskUsage usage, PrintWriter out) {
    var repositories = new TextTable("REPOSITORY", "IMAGES", "BYTES", "OWN");
    for (var found : usage.repositories()) {
      repositories.row(
          found.name(),
          found.images(),
          Sizes.bytes(found.bytes()),
          Sizes.bytes(found.exclusiveBytes()));
    }
    repositories.print(out);
    if (images) {
      out.println();
      var table = new TextTable("IMAGE", "TAGS", "BYTES", "OWN", "LAST USE", "KEPT");
      for (var image : usage.images()) {
        table.row(
            image.repository() + "@" + image.digest(),
            image.tags().isEmpty() ? "-" : String.join(",", image.tags()),
            Sizes.bytes(image.bytes()),
            Sizes.bytes(image.exclusiveBytes()),
            image.lastUse(),
            image.kept() ? "yes" : "no");
      }
      table.print(out);
    }
    out.println();
    if (usage.more()) {
      out.println("there are more; these take most");
    }
    out.println(
        "blobs %s, in images %s; on disk %s of %s"
            .formatted(
                Sizes.bytes(usage.blobBytes()),
                Sizes.bytes(usage.imageBytes()),
                Sizes.bytes(usage.diskBytes()),
                Sizes.bytes(usage.budgetBytes())));
  }

  private void printJson(DiskUsage usage) {
    main.printJson(
        Json.object(
            "repositories",
            usage.repositories().stream()
                .map(
                    found ->
                        Json.object(
                            "name", found.name(),
                            "images", found.images(),
                            "bytes", found.bytes(),
                            "exclusiveBytes", found.exclusiveBytes()))
                .toList(),
            "images",
            usage.images().stream().map(WhyCommand::json).toList(),
            "more",
            usage.more(),
            "blobBytes",
            usage.blobBytes(),
            "imageBytes",
            usage.imageBytes(),
            "diskBytes",
            usage.diskBytes(),
            "budgetBytes",
            usage.budgetBytes()));
  }
}

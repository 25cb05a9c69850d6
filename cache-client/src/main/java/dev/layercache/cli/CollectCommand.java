package dev.layercache.cli;

import dev.layercache.client.CollectReport;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "gc",
    description = {
      "Evict what has expired by its rule, and what must go to stay below the budget.",
      "The server does so by itself all the time; --dry-run lists what would go next."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  layercache gc --dry-run                 what would go now",
      "  layercache gc --dry-run --free 50GiB    what would go if 50 GiB were needed"
    })
final class CollectCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Option(names = "--dry-run", description = "Only list what would go, first first.")
  private boolean dryRun;

  @Option(
      names = "--free",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "With --dry-run: list what would go if this much were needed.")
  private long free;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var report = dryRun ? client.planCollection(free) : client.collect();
      if (main.json()) {
        main.printJson(
            Json.object(
                "items", report.items().stream().map(WhyCommand::json).toList(),
                "blobs", report.blobs(),
                "bytes", report.bytes(),
                "obstacle", report.obstacle()));
      } else {
        print(report, main.streams().out());
      }
    }
    return 0;
  }

  private void print(CollectReport report, PrintWriter out) {
    if (!report.items().isEmpty()) {
      var table = new TextTable("WHAT", "TAGS", "BLOBS", "BYTES", "LAST USE", "WHY");
      for (var item : report.items()) {
        table.row(
            item.repository().map(name -> name + "@").orElse("") + item.digest(),
            item.tags().isEmpty() ? "-" : String.join(",", item.tags()),
            item.blobs(),
            Sizes.bytes(item.bytes()),
            item.lastUse(),
            item.reason());
      }
      table.print(out);
    }
    out.println(
        "%s %d blobs, %s"
            .formatted(
                dryRun ? "would evict" : "evicted", report.blobs(), Sizes.bytes(report.bytes())));
    if (!report.obstacle().isEmpty()) {
      out.println(report.obstacle());
    }
  }
}

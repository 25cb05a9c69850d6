package dev.layercache.cli;

import java.io.IOException;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "quarantine",
    description = {
      "List blobs that were found damaged, newest first: the last 1,000.",
      "They are missing from then on; one that somebody sent again is marked as healed."
    },
    footerHeading = "%nExamples:%n",
    footer = "  layercache quarantine")
final class QuarantineCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var list = client.quarantine();
      var scrub = list.scrub();
      if (main.json()) {
        main.printJson(
            Json.object(
                "total", list.total(),
                "blobs",
                    list.blobs().stream()
                        .map(
                            blob ->
                                Json.object(
                                    "digest", blob.digest(),
                                    "size", blob.size(),
                                    "found", blob.found().toString(),
                                    "where", blob.where(),
                                    "why", blob.why(),
                                    "healed", blob.healed()))
                        .toList(),
                "scrub",
                    Json.object(
                        "round", scrub.round(),
                        "started", scrub.started().toString(),
                        "blobs", scrub.blobs(),
                        "damaged", scrub.damaged(),
                        "ended", scrub.ended())));
        return 0;
      }
      var table = new TextTable("FOUND", "BLOB", "SIZE", "WHERE", "NOW");
      list.blobs()
          .forEach(
              blob ->
                  table.row(
                      blob.found().truncatedTo(ChronoUnit.SECONDS),
                      blob.digest(),
                      Sizes.bytes(blob.size()),
                      blob.where(),
                      blob.healed() ? "healed" : "missing"));
      var out = main.streams().out();
      table.print(out);
      out.println("%d blobs were ever found damaged".formatted(list.total()));
      if (scrub.round() > 0) {
        out.println(
            "background check: round %d since %s, %d blobs checked, %d damaged%s"
                .formatted(
                    scrub.round(),
                    scrub.started().truncatedTo(ChronoUnit.SECONDS),
                    scrub.blobs(),
                    scrub.damaged(),
                    scrub.ended() ? ", done" : ""));
      }
    }
    return 0;
  }
}

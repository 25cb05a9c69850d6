package dev.layercache.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "stats",
    description = "Show what the server holds, and what it did since it started.",
    footerHeading = "%nExamples:%n",
    footer = {"  layercache stats", "  layercache stats --json | jq .hits"})
final class StatsCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var stats = client.statistics();
      var upstreams = client.upstreams();
      if (main.json()) {
        main.printJson(
            Json.object(
                "blobs", stats.blobs(),
                "bytesStored", stats.bytesStored(),
                "bytesReceived", stats.bytesReceived(),
                "bytesSent", stats.bytesSent(),
                "hits", stats.hits(),
                "misses", stats.misses(),
                "uploads", stats.uploads(),
                "damaged", stats.damaged(),
                "uptimeSeconds", stats.uptime().toMillis() / 1000.0,
                "upstreams", upstreams.stream().map(UpstreamTable::json).toList()));
      } else {
        new TextTable("STORED NOW", "")
            .row("blobs", stats.blobs())
            .row("their bytes", Sizes.bytes(stats.bytesStored()))
            .row("unfinished uploads", stats.uploads())
            .row("", "")
            .row("SINCE THE START", "")
            .row("up for", stats.uptime().toSeconds() + " s")
            .row("received", Sizes.bytes(stats.bytesReceived()))
            .row("sent", Sizes.bytes(stats.bytesSent()))
            .row("blobs asked for and found", stats.hits())
            .row("blobs asked for and missing", stats.misses())
            .row("blobs found damaged", stats.damaged())
            .print(main.streams().out());
        UpstreamTable.print(upstreams, main.streams().out());
      }
    }
    return 0;
  }
}

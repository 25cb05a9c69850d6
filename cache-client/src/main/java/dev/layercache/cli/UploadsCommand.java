package dev.layercache.cli;

import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "uploads",
    description = "List uploads that are not finished, oldest first: the first 1,000.",
    footerHeading = "%nExamples:%n",
    footer = "  layercache uploads")
final class UploadsCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var uploads = client.uploads();
      if (main.json()) {
        main.printJson(
            Map.of(
                "uploads",
                uploads.stream()
                    .map(
                        upload ->
                            Json.object(
                                "id", upload.id(),
                                "bytes", upload.position(),
                                "updated", upload.updated().toString()))
                    .toList()));
      } else {
        var table = new TextTable("UPLOAD", "RECEIVED", "UPDATED");
        uploads.forEach(
            upload ->
                table.row(
                    upload.id(),
                    Sizes.bytes(upload.position()),
                    upload.updated().truncatedTo(ChronoUnit.SECONDS)));
        table.print(main.streams().out());
      }
    }
    return 0;
  }
}

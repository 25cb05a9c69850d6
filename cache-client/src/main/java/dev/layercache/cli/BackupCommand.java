package dev.layercache.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "backup",
    description = {
      "Copy the server's store, as it is now, into a directory, while it serves.",
      "The copy shares the files with the store by hard links: it takes seconds and little space,",
      "must be on the same volume, and is a data directory that 'serve --data DIR' starts on.",
      "Only from the server's own machine. Unfinished uploads are not in it."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  layercache backup /var/lib/layercache-backup",
      "  layercache serve --data /var/lib/layercache-backup"
    })
final class BackupCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "New or empty directory; its parent must be there.")
  private Path directory;

  @Override
  public Integer call() throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    try (var client = server.connect()) {
      var report = client.backup(absolute);
      if (main.json()) {
        main.printJson(
            Json.object(
                "directory", absolute.toString(),
                "blobs", report.blobs(),
                "bytes", report.bytes()));
      } else {
        main.streams()
            .out()
            .println(
                "%s holds %d blobs, %s"
                    .formatted(absolute, report.blobs(), Sizes.bytes(report.bytes())));
      }
    }
    return 0;
  }
}

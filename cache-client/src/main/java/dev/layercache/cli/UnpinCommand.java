package dev.layercache.cli;

import dev.layercache.oci.ImageReference;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "unpin",
    description = "End the pin of an image: the retention rules hold for it again.",
    footerHeading = "%nExamples:%n",
    footer = "  layercache unpin base/debian:12")
final class UnpinCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Parameters(
      paramLabel = "NAME[:TAG]",
      description = "The image as it was pinned, or NAME@DIGEST.")
  private ImageReference name;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      client.unpin(name);
    }
    if (main.json()) {
      main.printJson(Json.object("unpinned", name.toString()));
    } else {
      main.streams().out().println("unpinned " + name);
    }
    return 0;
  }
}

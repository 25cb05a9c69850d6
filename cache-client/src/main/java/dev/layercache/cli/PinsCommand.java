package dev.layercache.cli;

import java.io.IOException;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "pins",
    description = "List pinned images, and how much room pins and leases take.",
    footerHeading = "%nExamples:%n",
    footer = "  layercache pins")
final class PinsCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var list = client.pins();
      if (main.json()) {
        main.printJson(
            Json.object(
                "pins", list.pins().stream().map(PinCommand::json).toList(),
                "takenBytes", list.takenBytes(),
                "limitBytes", list.limitBytes()));
      } else {
        var table = new TextTable("IMAGE", "DIGEST", "BYTES", "UNTIL");
        for (var pin : list.pins()) {
          String between = pin.reference().indexOf(':') < 0 ? ":" : "@";
          table.row(
              pin.repository() + between + pin.reference(),
              pin.manifest(),
              Sizes.bytes(pin.bytes()),
              pin.until().map(Instant::toString).orElse("unpinned"));
        }
        table.print(main.streams().out());
        main.streams()
            .out()
            .println(
                "pins and leases take %s of %s"
                    .formatted(Sizes.bytes(list.takenBytes()), Sizes.bytes(list.limitBytes())));
      }
    }
    return 0;
  }
}

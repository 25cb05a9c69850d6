package dev.layercache.cli;

import dev.layercache.client.PinInfo;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "pin",
    description = {
      "Keep an image, whatever the retention rules say and however full the disk is.",
      "Pins may take a share of the budget only (storage.pinnedShare); moving the tag later does"
          + " not move the pin."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  layercache pin base/debian:12", "  layercache pin team/app:rc1 --for 14d"})
final class PinCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Parameters(paramLabel = "NAME[:TAG]", description = "The image.")
  private ImageReference name;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      description = "How long: 30m, 12h, 90d. Without it, until it is unpinned.")
  private Optional<Duration> length = Optional.empty();

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var pin = client.pin(name, length);
      if (main.json()) {
        main.printJson(json(pin));
      } else {
        main.streams()
            .out()
            .println(
                "pinned %s@%s (%s) %s"
                    .formatted(
                        pin.repository(),
                        pin.manifest(),
                        Sizes.bytes(pin.bytes()),
                        pin.until().map(until -> "until " + until).orElse("until it is unpinned")));
      }
    }
    return 0;
  }

  static Map<String, Object> json(PinInfo pin) {
    return Json.object(
        "repository", pin.repository(),
        "reference", pin.reference(),
        "digest", pin.manifest().toString(),
        "bytes", pin.bytes(),
        "until", pin.until().map(Instant::toString).orElse(""));
  }
}

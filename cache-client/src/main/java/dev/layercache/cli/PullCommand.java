package dev.layercache.cli;

import dev.layercache.client.PullOptions;
import dev.layercache.client.TransferReport;
import dev.layercache.client.image.ImageDestination;
import dev.layercache.client.image.ImageLocations;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "pull",
    description = {
      "Fetch an image from the server. Only layers that the destination lacks move.",
      "Every blob is verified before it appears. An interrupted pull into a layout goes on where"
          + " it stopped."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  layercache pull app:v1 oci:copy                       into a layout; its other images stay",
      "  layercache pull app:v1 oci-archive:image.tar          into one file",
      "  layercache pull app:v1 docker-archive:image.tar && docker load -i image.tar",
      "  layercache pull library/debian oci:deb --platform linux/arm64"
    })
final class PullCommand implements CliCommand {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ServerOption server;

  @Parameters(
      index = "0",
      paramLabel = "NAME[:TAG]",
      description = "The image; its tag is latest when none is given. NAME@DIGEST works too.")
  private ImageReference name;

  @Parameters(
      index = "1",
      paramLabel = "DEST",
      description = {
        "oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG].",
        "Without a tag or name there, that of NAME[:TAG] is taken."
      })
  private String destination;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Of a multi-platform image only that for this platform, as in linux/arm64.")
  private Optional<Platform> platform;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect();
        var cancel = new CancelOnShutdown(client::close);
        var image = open();
        var progress = TransferProgress.to(main.streams())) {
      TransferReport report =
          client.pullImage(name, image, new PullOptions(platform), progress.listener());
      progress.close();
      new TransferSummary(main).print("pulled", name, report);
    }
    return 0;
  }

  private ImageDestination open() throws IOException {
    try {
      return ImageLocations.destination(destination, name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}

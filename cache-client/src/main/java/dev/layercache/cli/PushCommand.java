package dev.layercache.cli;

import dev.layercache.client.TransferReport;
import dev.layercache.client.image.ImageLocations;
import dev.layercache.client.image.ImageSource;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "push",
    description = {
      "Send an image to the server. Only layers that it lacks move.",
      "An index goes with the images of all its platforms. An interrupted push goes on where it"
          + " stopped."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  layercache push oci:build/image app:v1            a layout, of skopeo, umoci, buildah...",
      "  layercache push oci-archive:image.tar:v1 app:v1   its tar, of BuildKit for one",
      "  layercache push docker-archive:saved.tar app:v1   what docker save wrote"
    })
final class PushCommand implements CliCommand {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ServerOption server;

  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      description = {"oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG]."})
  private String source;

  @Parameters(
      index = "1",
      paramLabel = "NAME[:TAG]",
      description = "What the image is called on the server; the tag is latest when none is given.")
  private ImageReference name;

  @Override
  public Integer call() throws IOException {
    try (var image = open();
        var client = server.connect();
        var cancel = new CancelOnShutdown(client::close);
        var progress = TransferProgress.to(main.streams())) {
      TransferReport report = client.pushImage(image, name, progress.listener());
      progress.close();
      new TransferSummary(main).print("pushed", name, report);
    }
    return 0;
  }

  private ImageSource open() throws IOException {
    try {
      return ImageLocations.source(source);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}

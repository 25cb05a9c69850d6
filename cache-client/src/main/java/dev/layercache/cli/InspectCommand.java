package dev.layercache.cli;

import dev.layercache.client.ImageInspection;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "inspect",
    description = "Show an image's platforms and layers, and which other images share them.",
    footerHeading = "%nExamples:%n",
    footer = {"  layercache inspect app:v1", "  layercache inspect library/debian --json"})
final class InspectCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Parameters(
      paramLabel = "NAME[:TAG]",
      description = "The image; its tag is latest when none is given. NAME@DIGEST works too.")
  private ImageReference name;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      ImageInspection image = client.inspect(name);
      if (main.json()) {
        main.printJson(
            Json.object(
                "name",
                name.toString(),
                "manifest",
                Json.descriptor(image.manifest()),
                "images",
                image.images().stream().map(InspectCommand::json).toList()));
      } else {
        print(image, main.streams().out());
      }
    }
    return 0;
  }

  private void print(ImageInspection inspection, PrintWriter out) {
    out.println("%s  %s".formatted(name, inspection.manifest().digest()));
    out.println(inspection.manifest().mediaType());
    for (ImageInspection.Image image : inspection.images()) {
      out.println();
      long bytes = image.layers().stream().mapToLong(layer -> layer.blob().size()).sum();
      out.println(
          "%s: %d layers, %s"
              .formatted(platform(image), image.layers().size(), Sizes.bytes(bytes)));
      var table = new TextTable("LAYER", "SIZE", "SHARED WITH");
      for (ImageInspection.Layer layer : image.layers()) {
        table.row(layer.blob().digest(), Sizes.bytes(layer.blob().size()), sharing(layer));
      }
      table.print(out);
    }
  }

  private static String platform(ImageInspection.Image image) {
    return image
        .platform()
        .map(Platform::toString)
        .orElseGet(() -> image.manifest().digest().toString());
  }

  private static String sharing(ImageInspection.Layer layer) {
    int more = layer.sharedTotal() - layer.sharedWith().size();
    return layer.sharedTotal() == 0
        ? "no other image"
        : String.join(", ", layer.sharedWith()) + (more > 0 ? " and %d more".formatted(more) : "");
  }

  private static Map<String, Object> json(ImageInspection.Image image) {
    Map<String, Object> object = Json.object("manifest", Json.descriptor(image.manifest()));
    image.platform().ifPresent(platform -> object.put("platform", platform.toString()));
    image.config().ifPresent(config -> object.put("config", Json.descriptor(config)));
    object.put(
        "layers",
        image.layers().stream()
            .map(
                layer -> {
                  Descriptor blob = layer.blob();
                  Map<String, Object> one = Json.descriptor(blob);
                  one.put("sharedWith", layer.sharedWith());
                  one.put("sharedTotal", layer.sharedTotal());
                  return one;
                })
            .toList());
    return object;
  }
}

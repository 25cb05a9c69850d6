package dev.layercache.cli;

import dev.layercache.client.PrefetchOptions;
import dev.layercache.client.PrefetchReport;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    name = "prefetch",
    description = {
      "Have the server store images of the registries that it mirrors, before they are needed.",
      "What it has is not fetched again. May be interrupted and repeated at any time."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  layercache prefetch docker.io/library/debian:12 ghcr.io/team/app:v1",
      "  layercache prefetch docker.io/library/debian:12 --platform linux/amd64 --pin 7d",
      "  layercache prefetch -f images.txt --plan     what would be fetched"
    })
final class PrefetchCommand implements CliCommand {
  private static final int MAX_IMAGES = 1_000;
  private static final int MAX_LINE = 1_000;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ServerOption server;

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME[:TAG]",
      description = "Images; the tag is latest when none is given. NAME@DIGEST works too.")
  private List<ImageReference> names = List.of();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "A file with one image a line, - for standard input; # begins a comment.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Only images for this platform, as in linux/arm64. May be given several times.")
  private List<Platform> platforms = List.of();

  @Option(
      names = "--pin",
      paramLabel = "DURATION",
      description = "Keep the images for so long, whatever their use: 12h, 7d.")
  private Optional<Duration> pin = Optional.empty();

  @Option(names = "--plan", description = "Say what would be fetched; fetch manifests only.")
  private boolean plan;

  @Override
  public Integer call() throws IOException {
    var images = images();
    try (var client = server.connect();
        var cancel = new CancelOnShutdown(client::close);
        var progress = new PrefetchBar(main.streams())) {
      var report =
          client.prefetch(images, new PrefetchOptions(platforms, pin, plan), progress::show);
      progress.close();
      print(report);
      return report.isComplete() ? 0 : 1;
    }
  }

  private List<ImageReference> images() throws IOException {
    var images = new ArrayList<>(names);
    if (file.isPresent()) {
      images.addAll(read(file.get()));
    }
    if (images.isEmpty() || images.size() > MAX_IMAGES) {
      throw new ParameterException(
          spec.commandLine(),
          "%d images (expected: 1 to %d, as arguments or with -f FILE)"
              .formatted(images.size(), MAX_IMAGES));
    }
    return images;
  }

  private List<ImageReference> read(Path from) throws IOException {
    var images = new ArrayList<ImageReference>();
    try (var reader =
        from.toString().equals("-")
            ? new BufferedReader(new InputStreamReader(main.streams().in(), StandardCharsets.UTF_8))
            : Files.newBufferedReader(from)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String name = line.replaceAll("#.*", "").strip();
        if (!name.isEmpty()) {
          images.add(parse(name, from));
        }
        if (images.size() > MAX_IMAGES) {
          return images;
        }
      }
    }
    return images;
  }

  private ImageReference parse(String name, Path from) {
    try {
      if (name.length() > MAX_LINE) {
        throw new IllegalArgumentException("%d characters".formatted(name.length()));
      }
      return ImageReference.parse(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "%s: %s".formatted(from, e.getMessage()), e);
    }
  }

  private void print(PrefetchReport report) throws IOException {
    if (main.json()) {
      main.printJson(
          Json.object(
              "images", report.images().stream().map(PrefetchCommand::json).toList(),
              "blobs", report.blobs(),
              "bytes", report.bytes(),
              "blobsStored", report.blobsStored(),
              "bytesStored", report.bytesStored(),
              "bytesFetched", report.bytesFetched()));
      return;
    }
    var table = new TextTable("IMAGE", "SIZE", "BLOBS", "");
    for (var image : report.images()) {
      String state = image.failure().orElse(plan ? "" : "stored");
      table.row(image.name(), Sizes.bytes(image.bytes()), image.blobs(), state);
    }
    var out = main.streams().out();
    table.print(out);
    long missing = report.bytes() - report.bytesStored();
    out.println(
        plan
            ? "%s in %d blobs: the server has %s, would fetch %s"
                .formatted(
                    Sizes.bytes(report.bytes()),
                    report.blobs(),
                    Sizes.bytes(report.bytesStored()),
                    Sizes.bytes(missing))
            : "%s in %d blobs: the server had %s, fetched %s"
                .formatted(
                    Sizes.bytes(report.bytes()),
                    report.blobs(),
                    Sizes.bytes(report.bytesStored()),
                    Sizes.bytes(report.bytesFetched())));
  }

  private static Map<String, Object> json(PrefetchReport.Image image) {
    return Json.object(
        "name", image.name().toString(),
        "digest", image.manifest().map(Digest::toString).orElse(""),
        "blobs", image.blobs(),
        "bytes", image.bytes(),
        "failure", image.failure().orElse(""));
  }
}

package dev.layercache.cli;

import dev.layercache.client.EvictionInfo;
import dev.layercache.client.Explanation;
import dev.layercache.client.StoredImage;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "why",
    description =
        "Say whether a blob or image is there, who names it, when it was last used, what would"
            + " evict it, or when and why it was evicted.",
    footerHeading = "%nExamples:%n",
    footer = {"  layercache why team/app:v1", "  layercache why sha256:3f2a..."})
final class WhyCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @Parameters(paramLabel = "DIGEST|NAME[:TAG]", description = "The blob or image.")
  private String what;

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      boolean digest = what.startsWith("sha256:") || what.startsWith("sha512:");
      var explanation =
          digest ? client.explain(Digest.parse(what)) : client.explain(ImageReference.parse(what));
      if (main.json()) {
        main.printJson(json(explanation));
      } else {
        print(explanation, main.streams().out());
      }
    }
    return 0;
  }

  private static void print(Explanation of, PrintWriter out) {
    out.println(of.digest());
    out.println(of.bytes().map(bytes -> "stored: " + Sizes.bytes(bytes)).orElse("not stored"));
    of.lastUse().ifPresent(use -> out.println("last use: " + use + ", to the hour"));
    for (var image : of.images()) {
      out.println(
          "in %s@%s %s: %s, %s of it its own; %s: %s"
              .formatted(
                  image.repository(),
                  image.digest(),
                  image.tags().isEmpty() ? "(no tag)" : image.tags(),
                  Sizes.bytes(image.bytes()),
                  Sizes.bytes(image.exclusiveBytes()),
                  image.kept() ? "kept" : "not kept",
                  image.reason()));
    }
    if (of.imageCount() > of.images().size()) {
      out.println("and in %d more".formatted(of.imageCount() - of.images().size()));
    }
    of.leasedUntil().ifPresent(until -> out.println("leased until " + until));
    out.println("outlook: " + of.outlook());
    if (of.bytes().isPresent()) {
      out.println("unused for longer: " + Sizes.bytes(of.olderBytes()));
    }
    of.evicted()
        .ifPresent(
            gone ->
                out.println(
                    "evicted %s: %s; last use before: %s"
                        .formatted(
                            gone.evicted().map(Instant::toString).orElse("-"),
                            gone.reason(),
                            gone.lastUse())));
  }

  private static Map<String, Object> json(Explanation of) {
    var json =
        Json.object(
            "digest", of.digest().toString(),
            "present", of.bytes().isPresent(),
            "images", of.images().stream().map(WhyCommand::json).toList(),
            "imageCount", of.imageCount(),
            "outlook", of.outlook(),
            "olderBytes", of.olderBytes());
    of.bytes().ifPresent(bytes -> json.put("bytes", bytes));
    of.lastUse().ifPresent(use -> json.put("lastUse", use.toString()));
    of.leasedUntil().ifPresent(until -> json.put("leasedUntil", until.toString()));
    of.evicted().ifPresent(gone -> json.put("evicted", json(gone)));
    return json;
  }

  static Map<String, Object> json(StoredImage image) {
    return Json.object(
        "repository", image.repository(),
        "digest", image.digest().toString(),
        "tags", image.tags(),
        "lastUse", image.lastUse().toString(),
        "kept", image.kept(),
        "reason", image.reason(),
        "bytes", image.bytes(),
        "exclusiveBytes", image.exclusiveBytes());
  }

  static Map<String, Object> json(EvictionInfo item) {
    return Json.object(
        "digest", item.digest().toString(),
        "repository", item.repository().orElse(""),
        "tags", item.tags(),
        "blobs", item.blobs(),
        "bytes", item.bytes(),
        "lastUse", item.lastUse().toString(),
        "evicted", item.evicted().map(Instant::toString).orElse(""),
        "reason", item.reason());
  }
}

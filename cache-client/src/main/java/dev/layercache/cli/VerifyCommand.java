package dev.layercache.cli;

import dev.layercache.client.VerifyListener;
import dev.layercache.client.VerifyReport;
import java.io.IOException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "verify",
    description = {
      "Check everything that the server stores, while it serves; prints exactly what is damaged.",
      "A damaged blob is not served any more: it is missing until somebody sends it again.",
      "Exit code 1 when something is damaged. 'layercache quarantine' lists what was found before."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  layercache verify", "  layercache verify --fast --json"})
final class VerifyCommand implements CliCommand {
  @ParentCommand private Main main;
  @Mixin private ServerOption server;

  @ArgGroup private Depth depth = new Depth();

  /** At most one of them. */
  private static final class Depth {
    @Option(
        names = "--fast",
        description = "Read everything and check the checksums of its blocks, and the records.")
    private boolean fast;

    @Option(
        names = "--full",
        description = "Also hash every blob and compare its digest. This is the default.")
    private boolean full;
  }

  @Override
  public Integer call() throws IOException {
    try (var client = server.connect()) {
      var report = client.verify(depth.fast && !depth.full, progress());
      print(report);
      return report.findings() == 0 ? 0 : 1;
    }
  }

  private VerifyListener progress() {
    if (main.json() || main.streams().columns().isEmpty()) {
      return VerifyListener.NONE;
    }
    var err = main.streams().err();
    return (bytes, total, findings) -> {
      err.print(
          "\r%s of %s, %d damaged\u001b[K"
              .formatted(Sizes.bytes(bytes), Sizes.bytes(total), findings));
      err.flush();
    };
  }

  private void print(VerifyReport report) {
    if (main.json()) {
      main.printJson(
          Json.object(
              "blobs", report.blobs(),
              "bytes", report.bytes(),
              "findings", report.findings(),
              "damage",
                  report.damage().stream()
                      .map(
                          found ->
                              Json.object(
                                  "digest", found.digest(),
                                  "where", found.where(),
                                  "why", found.why()))
                      .toList()));
      return;
    }
    if (main.streams().columns().isPresent()) {
      main.streams().err().print("\r\u001b[K");
    }
    var out = main.streams().out();
    for (var found : report.damage()) {
      out.println(
          "damaged: %s%n  in %s%n  %s"
              .formatted(
                  found.digest().isEmpty() ? "no blob" : found.digest(),
                  found.where(),
                  found.why()));
    }
    out.println(
        "%d blobs checked, %s read, %s"
            .formatted(
                report.blobs(),
                Sizes.bytes(report.bytes()),
                report.findings() == 0 ? "nothing is damaged" : report.findings() + " damaged"));
  }
}

package dev.layercache.cli;

import dev.layercache.client.TransferReport;
import dev.layercache.oci.ImageReference;

/** The last word of a push or pull. */
final class TransferSummary {
  private final Main main;

  TransferSummary(Main main) {
    this.main = main;
  }

  void print(String done, ImageReference name, TransferReport report) {
    double seconds = report.elapsed().toMillis() / 1000.0;
    if (main.json()) {
      main.printJson(
          Json.object(
              "name", name.toString(),
              "digest", report.root().digest().toString(),
              "layers", report.layers(),
              "layersTransferred", report.layersTransferred(),
              "bytesTotal", report.bytesTotal(),
              "bytesTransferred", report.bytesTransferred(),
              "seconds", seconds));
      return;
    }
    main.streams()
        .out()
        .println(
            "%s %s  %s%n%d of %d layers and %s of %s moved in %.1f s (%s)"
                .formatted(
                    done,
                    name,
                    report.root().digest(),
                    report.layersTransferred(),
                    report.layers(),
                    Sizes.bytes(report.bytesTransferred()),
                    Sizes.bytes(report.bytesTotal()),
                    seconds,
                    Sizes.rate(report.bytesTransferred(), seconds)));
  }
}

package dev.layercache.cli;

import dev.layercache.client.TransferListener;
import dev.layercache.oci.Descriptor;
import java.io.PrintWriter;

/** One line per layer, when it is done with. */
final class PlainProgress implements TransferProgress, TransferListener {
  private final PrintWriter err;

  PlainProgress(PrintWriter err) {
    this.err = err;
  }

  @Override
  public TransferListener listener() {
    return this;
  }

  @Override
  public void finished(Descriptor blob) {
    print(blob, "done");
  }

  @Override
  public void alreadyThere(Descriptor blob) {
    print(blob, "already there");
  }

  private void print(Descriptor blob, String what) {
    if (TransferProgress.isShown(blob)) {
      err.println(
          "%s  %s  %s".formatted(TransferProgress.brief(blob), what, Sizes.bytes(blob.size())));
    }
  }

  @Override
  public void close() {}
}

package dev.layercache.cli;

import dev.layercache.client.TransferListener;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.MediaTypes;

/** Shows a push or pull while it runs. {@code close} leaves the terminal as it was; idempotent. */
interface TransferProgress extends AutoCloseable {

  TransferListener listener();

  @Override
  void close();

  /** Bars on a terminal, lines elsewhere. */
  static TransferProgress to(Streams streams) {
    return streams
        .columns()
        .<TransferProgress>map(columns -> new TerminalProgress(streams.err(), columns))
        .orElseGet(() -> new PlainProgress(streams.err()));
  }

  /** Whether people care to see it: configs and manifests are small and only confuse. */
  static boolean isShown(Descriptor blob) {
    return !MediaTypes.isManifest(blob.mediaType())
        && !blob.mediaType().equals(MediaTypes.OCI_CONFIG)
        && !blob.mediaType().equals(MediaTypes.DOCKER_CONFIG);
  }

  /** Enough of a digest to tell layers apart. */
  static String brief(Descriptor blob) {
    return blob.digest().algorithm().prefix() + ':' + blob.digest().hex().substring(0, 12);
  }
}

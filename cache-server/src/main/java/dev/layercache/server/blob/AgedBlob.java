package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A blob and when it was last used.
 *
 * @param digest of the blob, SHA-256
 * @param alias its other name, when it was ever given one
 * @param size bytes
 * @param position its place in the order of last use
 */
public record AgedBlob(Digest digest, Optional<Digest> alias, long size, UsePosition position) {

  /** Every name by which a manifest may name it. */
  public List<Digest> names() {
    return Stream.concat(Stream.of(digest), alias.stream()).toList();
  }
}

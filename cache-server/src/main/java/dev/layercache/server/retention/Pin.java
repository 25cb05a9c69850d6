package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.Optional;

/**
 * An image that is kept until a time, whatever the rules say.
 *
 * @param repository that it is in
 * @param reference as it was pinned: a tag or a digest
 * @param manifest that the reference pointed to then; moving the tag does not move the pin
 * @param bytes of all that the manifest names, each blob once
 * @param until when the pin ends by itself; empty when somebody has to unpin
 */
public record Pin(
    String repository, String reference, Digest manifest, long bytes, Optional<Instant> until) {

  boolean isActive(Instant now) {
    return until.isEmpty() || until.get().isAfter(now);
  }

  String untilText() {
    return until.map(instant -> "until " + instant).orElse("until it is unpinned");
  }
}

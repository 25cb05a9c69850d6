package dev.layercache.client;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.Optional;

/**
 * An image that the server keeps whatever its rules say.
 *
 * @param repository that it is in
 * @param reference as it was pinned: a tag or a digest
 * @param manifest that the reference pointed to when it was pinned
 * @param bytes of all that the manifest names, each blob once
 * @param until when the pin ends by itself; empty when somebody has to unpin
 */
public record PinInfo(
    String repository, String reference, Digest manifest, long bytes, Optional<Instant> until) {}

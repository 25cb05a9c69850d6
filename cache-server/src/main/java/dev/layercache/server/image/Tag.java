package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import java.time.Instant;

/**
 * A tag of a repository.
 *
 * @param name of the tag
 * @param manifest what it points to
 * @param updated when it was last pushed
 */
public record Tag(String name, Descriptor manifest, Instant updated) {}

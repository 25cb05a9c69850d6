package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import java.time.Instant;

/**
 * A tag of a repository.
 *
 * @param name without the repository
 * @param manifest what it points to
 * @param updated when it was moved there
 */
public record TagInfo(String name, Descriptor manifest, Instant updated) {}

package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.util.Optional;

/**
 * A manifest of a repository, without its bytes.
 *
 * @param descriptor media type, digest and size, as they go into the answer's headers
 * @param subject the manifest that it refers to, which need not exist
 */
public record StoredManifest(Descriptor descriptor, Optional<Digest> subject) {}

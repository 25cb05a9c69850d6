package dev.layercache.server.integrity;

import dev.layercache.oci.Digest;
import java.util.Optional;

/**
 * Something that is not as it was written.
 *
 * @param blob the blob that is affected; empty when it is no blob's bytes
 * @param where the files, below the data directory
 * @param why what was found and what was expected
 */
public record Damage(Optional<Digest> blob, String where, String why) {}

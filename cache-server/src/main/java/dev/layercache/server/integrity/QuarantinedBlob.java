package dev.layercache.server.integrity;

import dev.layercache.oci.Digest;
import java.time.Instant;

/**
 * A blob that was found damaged. Its bytes are gone and it is missing until somebody sends it
 * again.
 *
 * @param digest what it was stored under
 * @param size bytes
 * @param when it was found
 * @param where its files, below the data directory
 * @param why what was found and what was expected, at most 500 characters
 */
public record QuarantinedBlob(Digest digest, long size, Instant when, String where, String why) {}

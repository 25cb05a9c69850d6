package dev.layercache.server.blob;

import java.time.Instant;

/**
 * An unfinished upload.
 *
 * @param id its name
 * @param position bytes accepted so far
 * @param updated when it was begun, resumed or last written to
 */
public record UploadInfo(UploadId id, long position, Instant updated) {}

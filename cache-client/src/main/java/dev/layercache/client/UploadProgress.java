package dev.layercache.client;

import java.time.Instant;

/**
 * An upload that is not finished.
 *
 * @param id names it on the server
 * @param position bytes received so far
 * @param updated when it last received bytes
 */
public record UploadProgress(String id, long position, Instant updated) {}

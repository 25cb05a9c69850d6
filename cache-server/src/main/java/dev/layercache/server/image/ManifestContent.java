package dev.layercache.server.image;

/**
 * A manifest of a repository with its bytes.
 *
 * @param manifest what it is
 * @param bytes exactly as they were pushed; the caller's
 */
public record ManifestContent(StoredManifest manifest, byte[] bytes) {}

package dev.layercache.client;

import dev.layercache.oci.Descriptor;

/**
 * A manifest or index as it is stored.
 *
 * @param descriptor its media type, digest and size
 * @param bytes exactly those of the digest; not copied
 */
public record ImageManifest(Descriptor descriptor, byte[] bytes) {}

package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;

/**
 * What a reference names.
 *
 * @param reference as asked
 * @param manifest the manifest or index that it points to
 */
public record ImageInfo(ImageReference reference, Descriptor manifest) {}

package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import java.time.Duration;

/**
 * What a push or pull did. Everything is counted once per digest, however often images name it.
 *
 * @param layers blobs of the image, or of all images of an index, that are neither manifest nor
 *     config
 * @param layersTransferred those of them that moved, wholly or in part
 * @param bytesTotal sizes of all layers, configs, manifests and indexes
 * @param bytesTransferred bytes of these that moved in this operation: what was there, or left from
 *     an earlier attempt, is not counted; what a broken connection made move twice is counted
 *     twice. Manifests and indexes always move
 * @param elapsed from the call to its return
 * @param root the manifest or index that was tagged or written
 */
public record TransferReport(
    int layers,
    int layersTransferred,
    long bytesTotal,
    long bytesTransferred,
    Duration elapsed,
    Descriptor root) {}

/**
 * Images on top of blobs: manifests and tags per repository, what refers to what, and what was
 * deleted where. {@link dev.layercache.server.image.Images} is the door to it for every protocol.
 */
package dev.layercache.server.image;

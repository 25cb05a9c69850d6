/** Blobs that no cache has seen: made from seeds, so that they need not be kept anywhere. */
package dev.layercache.load.data;

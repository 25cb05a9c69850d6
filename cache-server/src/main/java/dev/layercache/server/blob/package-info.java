/**
 * Blobs: what the store promises, in three small interfaces. {@link
 * dev.layercache.server.blob.BlobSource} reads, {@link dev.layercache.server.blob.BlobIngest} takes
 * in, {@link dev.layercache.server.blob.BlobAdmin} manages; {@link
 * dev.layercache.server.blob.BlobStore} is all three. JDK types only: no transport and no database
 * is known here.
 */
package dev.layercache.server.blob;

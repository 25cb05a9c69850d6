/**
 * Fills: a blob that is not stored is copied in once from a slower place, whoever asks and however
 * many, and read while it comes. {@link dev.layercache.server.fill.BlobOrigin} is the slower place.
 */
package dev.layercache.server.fill;

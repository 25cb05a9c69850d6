/**
 * The client library: ask a cache which blobs it lacks, and move only those. {@code
 * LayercacheClient} is where to start. JDK types only in every public signature.
 */
package dev.layercache.client;

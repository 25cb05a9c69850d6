/**
 * What is kept and what goes when room is needed: rules by repository, pins, leases, and eviction
 * in the order of last use, in which images are kept or evicted whole.
 */
package dev.layercache.server.retention;

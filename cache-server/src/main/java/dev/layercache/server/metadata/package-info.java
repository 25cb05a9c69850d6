/**
 * Everything that is known about blobs beside their bytes: tags, links, referrers. Small ordered
 * tables with atomic, durable batches; what the keys mean is the business of the package that owns
 * the table.
 */
package dev.layercache.server.metadata;

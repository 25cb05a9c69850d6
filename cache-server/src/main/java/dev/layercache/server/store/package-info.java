/**
 * The durable store, on RocksDB; the only package that knows it. {@link
 * dev.layercache.server.store.RocksStore} opens a data directory and gives out a blob store and a
 * metadata store. ARCHITECTURE.md, "On disk", describes every key.
 */
package dev.layercache.server.store;

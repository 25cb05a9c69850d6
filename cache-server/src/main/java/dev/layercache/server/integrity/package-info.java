/**
 * Whether what is stored is still what was put there: checks on demand ({@link
 * dev.layercache.server.integrity.Verification}), in the background ({@link
 * dev.layercache.server.integrity.Scrubber}), and what they see of a store ({@link
 * dev.layercache.server.integrity.BlobInventory}).
 */
package dev.layercache.server.integrity;

/**
 * A blob store on the heap: the same promises as the durable one, nothing survives the process. For
 * tests and for trying things out.
 */
package dev.layercache.server.blob.memory;

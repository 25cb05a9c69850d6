/** What load is driven at: ours, peers that are started beside it, and peers that run elsewhere. */
package dev.layercache.load.server;

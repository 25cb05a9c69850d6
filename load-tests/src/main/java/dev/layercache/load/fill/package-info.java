/** Fills a store directly, in a process of its own: much faster than through a door. */
package dev.layercache.load.fill;

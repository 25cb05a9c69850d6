/** Small calls at a steady pace, from a process of their own that the load does not slow down. */
package dev.layercache.load.probe;

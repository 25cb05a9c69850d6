/**
 * The bench: starts servers, drives load at them from this process, and reports what it cost them.
 * {@link dev.layercache.load.LoadTests} is the entry; each suite is a class in {@code suite}.
 */
package dev.layercache.load;

/** A month of a build fleet against the retention policy, without moving the bytes. */
package dev.layercache.load.retention;

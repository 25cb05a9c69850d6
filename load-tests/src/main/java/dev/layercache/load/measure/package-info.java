/**
 * What is measured: the load's own clock and latencies, and the server process's use of CPU, memory
 * and disk.
 */
package dev.layercache.load.measure;

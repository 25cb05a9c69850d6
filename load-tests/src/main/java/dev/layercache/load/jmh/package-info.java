/** Micro-benchmarks: {@code load-tests/run jmh [PATTERN]}. */
package dev.layercache.load.jmh;

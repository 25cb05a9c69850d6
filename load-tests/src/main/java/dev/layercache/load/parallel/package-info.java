/** Work done by several threads at once, timed as one load. */
package dev.layercache.load.parallel;

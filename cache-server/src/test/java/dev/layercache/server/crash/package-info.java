/** What is left of a server that was killed. */
package dev.layercache.server.crash;

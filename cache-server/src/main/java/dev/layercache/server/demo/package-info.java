/**
 * {@code layercache demo}: the whole idea on one machine, with a real server, real sockets and real
 * files, and nothing left behind.
 */
package dev.layercache.server.demo;

/** A proxy that does to HTTP what networks and failing servers do. */
package dev.layercache.server.proxy;

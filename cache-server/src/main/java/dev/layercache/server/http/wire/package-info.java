/**
 * HTTP/1.1 for the registry, and nothing of the registry: connections, limits, deadlines, bodies in
 * and answers out. Event loops move bytes; each request is handled on a virtual thread of its own,
 * in plain blocking style. {@link dev.layercache.server.http.wire.HttpServer} is where to start.
 */
package dev.layercache.server.http.wire;

/**
 * HTTP/1.1 towards upstream registries: every address is checked before it is dialled, every wait
 * has a deadline, and credentials go to the host that they are meant for only. {@link
 * dev.layercache.server.upstream.wire.HttpClient} is the door to it.
 */
package dev.layercache.server.upstream.wire;

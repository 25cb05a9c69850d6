/**
 * Upstream registries: the OCI Distribution API from the client's side, with tokens, rate limits
 * and breakers. {@link dev.layercache.server.upstream.Upstreams} has all of a server's; only hosts
 * that the configuration names, and those that they redirect to, are ever dialled.
 */
package dev.layercache.server.upstream;

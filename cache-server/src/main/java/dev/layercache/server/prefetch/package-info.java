/**
 * Images of mirrored registries are stored before anybody asks for them: at a client's request, or
 * again and again because the configuration lists them.
 */
package dev.layercache.server.prefetch;

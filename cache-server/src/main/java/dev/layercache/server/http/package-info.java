/**
 * The registry door: the OCI Distribution API over HTTP/1.1, on the same blobs and images as every
 * other door. {@link dev.layercache.server.http.RegistryDoor} starts it, {@link
 * dev.layercache.server.http.Routes} says what there is, {@link
 * dev.layercache.server.http.ErrorAnswers} how failures are told.
 */
package dev.layercache.server.http;

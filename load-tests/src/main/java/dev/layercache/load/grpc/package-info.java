/**
 * A gRPC driver on raw messages: it makes and looks at as little as it can, and counts all bytes.
 */
package dev.layercache.load.grpc;

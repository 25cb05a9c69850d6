/**
 * The gRPC door: the cache half of the Remote Execution API (blobs, capabilities), health and
 * reflection, and whatever services the composition root adds. Event loops move bytes; whatever may
 * block runs on one virtual thread for each call, in plain blocking style.
 */
package dev.layercache.server.grpc;

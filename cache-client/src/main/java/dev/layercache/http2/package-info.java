/** What a client sets in HTTP/2 where gRPC has no setting for it. */
package dev.layercache.http2;

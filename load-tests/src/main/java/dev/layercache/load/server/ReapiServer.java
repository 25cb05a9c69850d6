package dev.layercache.load.server;

import java.net.InetSocketAddress;

/**
 * A server of the Remote Execution API's ContentAddressableStorage and ByteStream, with SHA-256 and
 * without an instance name.
 */
public interface ReapiServer extends Endpoint {

  /** Where it speaks gRPC, without TLS. */
  InetSocketAddress grpc();
}

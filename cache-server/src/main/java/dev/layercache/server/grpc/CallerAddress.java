package dev.layercache.server.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Lets a method know where its caller is. */
final class CallerAddress implements ServerInterceptor {
  private static final Context.Key<SocketAddress> ADDRESS = Context.key("caller-address");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return Contexts.interceptCall(
        Context.current().withValue(ADDRESS, address), call, headers, next);
  }

  /** Refuses a caller on another machine: for what touches the server's file system. */
  static void requireLoopback(String method) throws StatusException {
    if (!(ADDRESS.get() instanceof InetSocketAddress address)
        || !address.getAddress().isLoopbackAddress()) {
      throw Status.PERMISSION_DENIED
          .withDescription(
              "%s was called from %s (expected: from the server's own machine)"
                  .formatted(method, ADDRESS.get()))
          .asException();
    }
  }
}

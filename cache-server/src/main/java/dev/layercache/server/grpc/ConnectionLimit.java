package dev.layercache.server.grpc;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves so many connections at once. gRPC cannot refuse a connection, so the calls of one too many
 * are refused before any of their messages is taken in: it never fills its receive window.
 */
final class ConnectionLimit extends ServerTransportFilter implements ServerInterceptor {
  private static final Attributes.Key<Boolean> REFUSED = Attributes.Key.create("refused");

  private final int most;
  private final AtomicInteger open = new AtomicInteger();

  ConnectionLimit(int most) {
    this.most = most;
  }

  @Override
  public Attributes transportReady(Attributes transport) {
    boolean refused = open.incrementAndGet() > most;
    return transport.toBuilder().set(REFUSED, refused).build();
  }

  @Override
  public void transportTerminated(Attributes transport) {
    open.decrementAndGet();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!Boolean.TRUE.equals(call.getAttributes().get(REFUSED))) {
      return next.startCall(call, headers);
    }
    var status =
        GrpcErrors.status(GrpcErrors.busy("too many connections (expected: at most %d)", most));
    call.close(status, new Metadata());
    return new ServerCall.Listener<>() {};
  }
}

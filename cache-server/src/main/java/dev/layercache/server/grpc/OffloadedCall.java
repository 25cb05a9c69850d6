package dev.layercache.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.Executor;

/**
 * Runs the methods of an ordinary service, each with one request, on virtual threads: they may
 * block, the transport's threads may not.
 */
final class OffloadedCall implements ServerInterceptor {
  private final Executor threads;

  OffloadedCall(Executor threads) {
    this.threads = threads;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var type = call.getMethodDescriptor().getType();
    if (!type.clientSendsOneMessage()) {
      throw new IllegalStateException(
          "method %s is %s (expected: one request)"
              .formatted(call.getMethodDescriptor().getFullMethodName(), type));
    }
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      /** The method is called here; what comes before only keeps the request. */
      @Override
      public void onHalfClose() {
        threads.execute(this::answer);
      }

      private void answer() {
        try {
          super.onHalfClose();
        } catch (RuntimeException e) {
          call.close(GrpcErrors.status(e), new Metadata());
        }
      }
    };
  }
}

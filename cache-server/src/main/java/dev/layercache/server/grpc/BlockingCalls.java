package dev.layercache.server.grpc;

import dev.layercache.transport.Received;
import io.grpc.ServerCallHandler;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Makes call handlers out of plain blocking code. The transport's thread only starts the call's
 * virtual thread: one hop for each call, where gRPC's own executor takes one for each event.
 */
final class BlockingCalls {
  private final Executor threads;

  /**
   * @param threads runs each task on a virtual thread of its own
   */
  BlockingCalls(Executor threads) {
    this.threads = threads;
  }

  /** Answers one request; may block and may fail. */
  interface Unary<Q, A> {
    A answer(Q request) throws IOException, StatusException, InterruptedException;
  }

  /** A call with one request and one response. */
  <Q, A> ServerCallHandler<Q, A> unary(Unary<Q, A> method) {
    return ServerCalls.asyncUnaryCall(
        (request, call) -> threads.execute(() -> answer(method, request, call)));
  }

  /** Answers one request without waiting for anything, or not at all; may fail. */
  interface AtOnce<Q, A> {
    Optional<A> answer(Q request) throws StatusException;
  }

  /**
   * The same, for a method that mostly need not wait: it is answered on the transport's thread
   * then, and a small call does not wait for its turn among the threads of large ones.
   */
  <Q, A> ServerCallHandler<Q, A> unary(AtOnce<Q, A> first, Unary<Q, A> method) {
    return ServerCalls.asyncUnaryCall(
        (request, call) -> {
          try {
            var answer = first.answer(request);
            if (answer.isEmpty()) {
              threads.execute(() -> answer(method, request, call));
              return;
            }
            call.onNext(answer.get());
            call.onCompleted();
          } catch (StatusException | RuntimeException e) {
            call.onError(GrpcErrors.status(e).asRuntimeException());
          }
        });
  }

  private static <Q, A> void answer(Unary<Q, A> method, Q request, StreamObserver<A> call) {
    try {
      call.onNext(method.answer(request));
      call.onCompleted();
    } catch (Exception | Error e) {
      call.onError(GrpcErrors.status(e).asRuntimeException());
    }
  }

  /** What {@link #receiving} runs for a call; closes the inbox. */
  interface Receiver<Q, A> {
    Runnable receive(Inbox<Q> inbox, ServerCallStreamObserver<A> call);
  }

  /**
   * A call whose requests arrive through an inbox. None arrives before the receiver asks for it.
   *
   * @param patience longest wait for a request
   */
  <Q, A> ServerCallHandler<Received<Q>, A> receiving(Duration patience, Receiver<Q, A> receiver) {
    return ServerCalls.asyncClientStreamingCall(
        observer -> {
          var call = (ServerCallStreamObserver<A>) observer;
          call.disableAutoRequest();
          var inbox = new Inbox<Q>(patience);
          threads.execute(receiver.receive(inbox, call));
          return new StreamObserver<>() {
            @Override
            public void onNext(Received<Q> message) {
              inbox.put(message);
            }

            @Override
            public void onCompleted() {
              inbox.end();
            }

            @Override
            public void onError(Throwable cancellation) {
              inbox.cancel();
            }
          };
        });
  }
}

package dev.layercache.server.grpc;

import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets the virtual thread of a download wait until its client takes more. The transport opens the
 * gate from its own thread, so only another thread may wait here: a wait on the transport's would
 * hang the call.
 */
final class ReadyGate {
  private final ServerCallStreamObserver<?> call;
  private final Duration patience;
  private final Semaphore changes = new Semaphore(0);

  /**
   * Registers with the call; only possible before the service method returns.
   *
   * @param patience longest wait for the client to take a byte
   */
  ReadyGate(ServerCallStreamObserver<?> call, Duration patience) {
    this.call = call;
    this.patience = patience;
    call.setOnReadyHandler(changes::release);
    call.setOnCancelHandler(changes::release);
  }

  /**
   * Returns when the call can take more.
   *
   * @throws StatusException if the call was cancelled or the client took nothing for too long
   */
  void await() throws StatusException, InterruptedException {
    while (!call.isReady()) {
      if (call.isCancelled()) {
        throw GrpcErrors.cancelled();
      }
      if (!changes.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw GrpcErrors.stalled("the client took no bytes for %d seconds", patience.toSeconds());
      }
      changes.drainPermits();
    }
  }
}

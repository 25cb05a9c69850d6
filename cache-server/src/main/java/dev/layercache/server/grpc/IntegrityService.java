package dev.layercache.server.grpc;

import dev.layercache.server.blob.BlobAdmin;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.integrity.BlobInventory;
import dev.layercache.server.integrity.Depth;
import dev.layercache.server.integrity.QuarantinedBlob;
import dev.layercache.server.integrity.ScrubState;
import dev.layercache.server.integrity.Verification;
import dev.layercache.v1.BackupRequest;
import dev.layercache.v1.BackupResponse;
import dev.layercache.v1.IntegrityGrpc;
import dev.layercache.v1.ListQuarantineRequest;
import dev.layercache.v1.ListQuarantineResponse;
import dev.layercache.v1.VerifyRequest;
import dev.layercache.v1.VerifyResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * {@code layercache.v1.Integrity}. Every method blocks, so calls must come on virtual threads. The
 * service must be behind {@link CallerAddress}.
 */
public final class IntegrityService extends IntegrityGrpc.IntegrityImplBase {
  private static final int MAX_PAGE = 1_000;

  private final Verification verification;
  private final BlobInventory inventory;
  private final BlobSource blobs;
  private final BlobAdmin usage;
  private final Supplier<ScrubState> scrub;
  private final Backups backups;

  /** Makes backups. */
  @FunctionalInterface
  public interface Backups {
    /**
     * Copies the store.
     *
     * @throws IOException if the directory does not do; the message says why
     */
    void to(Path directory) throws IOException;
  }

  /**
   * @param blobs tells which damaged blobs were stored again
   * @param usage tells how much there is to verify
   * @param scrub how far the background check is
   */
  public IntegrityService(
      Verification verification,
      BlobInventory inventory,
      BlobSource blobs,
      BlobAdmin usage,
      Supplier<ScrubState> scrub,
      Backups backups) {
    this.verification = verification;
    this.inventory = inventory;
    this.blobs = blobs;
    this.usage = usage;
    this.scrub = scrub;
    this.backups = backups;
  }

  @Override
  public void verify(VerifyRequest request, StreamObserver<VerifyResponse> observer) {
    var call = (ServerCallStreamObserver<VerifyResponse>) observer;
    var progress = new VerifyStream(call, usage.usage());
    try {
      progress.finished(verification.run(request.getFast() ? Depth.FAST : Depth.FULL, progress));
    } catch (IOException | InterruptedException | RuntimeException e) {
      call.onError(GrpcErrors.status(e).asRuntimeException());
    }
  }

  @Override
  public void listQuarantine(
      ListQuarantineRequest request, StreamObserver<ListQuarantineResponse> observer) {
    int asked = request.getPageSize();
    if (asked < 0 || asked > MAX_PAGE) {
      observer.onError(GrpcErrors.invalid("page_size: %d (expected: 0 to %d)", asked, MAX_PAGE));
      return;
    }
    try {
      var response = ListQuarantineResponse.newBuilder().setTotal(inventory.quarantinedEver());
      for (var blob : inventory.quarantined(asked == 0 ? MAX_PAGE : asked)) {
        response.addBlobs(message(blob));
      }
      observer.onNext(response.setScrub(message(scrub.get())).build());
      observer.onCompleted();
    } catch (IOException | RuntimeException e) {
      observer.onError(GrpcErrors.status(e).asRuntimeException());
    }
  }

  @Override
  public void backup(BackupRequest request, StreamObserver<BackupResponse> observer) {
    try {
      CallerAddress.requireLoopback("Backup");
      backups.to(Path.of(request.getDirectory()));
      var copied = usage.usage();
      observer.onNext(
          BackupResponse.newBuilder().setBlobs(copied.blobs()).setBytes(copied.bytes()).build());
      observer.onCompleted();
    } catch (StatusException e) {
      observer.onError(e);
    } catch (IOException | InvalidPathException e) {
      observer.onError(
          Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  private ListQuarantineResponse.Blob message(QuarantinedBlob blob) throws IOException {
    return ListQuarantineResponse.Blob.newBuilder()
        .setDigest(blob.digest().toString())
        .setSize(blob.size())
        .setFoundMillis(blob.when().toEpochMilli())
        .setWhere(blob.where())
        .setWhy(blob.why())
        .setHealed(blobs.stat(blob.digest()).isPresent())
        .build();
  }

  private static ListQuarantineResponse.Scrub message(ScrubState state) {
    return ListQuarantineResponse.Scrub.newBuilder()
        .setRound(state.round())
        .setStartedMillis(state.started().toEpochMilli())
        .setBlobs(state.blobs())
        .setDamaged(state.damaged())
        .setEnded(state.ended())
        .build();
  }
}

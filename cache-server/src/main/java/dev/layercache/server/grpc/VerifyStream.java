package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobAdmin;
import dev.layercache.server.integrity.Damage;
import dev.layercache.server.integrity.Verification;
import dev.layercache.v1.VerifyResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tells a client twice a second how its verification goes, and ends it when the client goes away.
 */
final class VerifyStream implements Verification.Observer {
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Findings of one message, so that it stays below 1 MiB. */
  private static final int MOST_DAMAGE = 500;

  private final ServerCallStreamObserver<VerifyResponse> call;
  private final BlobAdmin.Usage total;
  private final List<Damage> unsent = new ArrayList<>();
  private long findings;
  private long sentAt = System.nanoTime();

  VerifyStream(ServerCallStreamObserver<VerifyResponse> call, BlobAdmin.Usage total) {
    this.call = call;
    this.total = total;
  }

  @Override
  public boolean goOn(Verification.Progress progress) {
    if (call.isCancelled()) {
      return false;
    }
    if (System.nanoTime() - sentAt > PERIOD_NANOS) {
      send(progress, false);
    }
    return true;
  }

  @Override
  public void found(Damage damage) {
    findings++;
    unsent.add(damage);
  }

  void finished(Verification.Report report) {
    if (call.isCancelled()) {
      return;
    }
    findings = report.findings();
    while (unsent.size() > MOST_DAMAGE) {
      send(report.checked(), false);
    }
    send(report.checked(), true);
    call.onCompleted();
  }

  private void send(Verification.Progress progress, boolean done) {
    var response =
        VerifyResponse.newBuilder()
            .setBlobs(progress.blobs())
            .setBytes(progress.bytes())
            .setBlobsTotal(total.blobs())
            .setBytesTotal(total.bytes())
            .setFindings(findings)
            .setDone(done);
    var some = unsent.subList(0, Math.min(MOST_DAMAGE, unsent.size()));
    some.forEach(damage -> response.addDamage(message(damage)));
    some.clear();
    call.onNext(response.build());
    sentAt = System.nanoTime();
  }

  private static dev.layercache.v1.Damage message(Damage damage) {
    return dev.layercache.v1.Damage.newBuilder()
        .setDigest(damage.blob().map(Digest::toString).orElse(""))
        .setWhere(damage.where())
        .setWhy(damage.why())
        .build();
  }
}

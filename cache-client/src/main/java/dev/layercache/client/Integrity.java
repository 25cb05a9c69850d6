package dev.layercache.client;

import dev.layercache.v1.BackupRequest;
import dev.layercache.v1.IntegrityGrpc;
import dev.layercache.v1.ListQuarantineRequest;
import dev.layercache.v1.ListQuarantineResponse;
import dev.layercache.v1.VerifyRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;

/** The calls of {@code layercache.v1.Integrity}. Thread-safe. */
final class Integrity {
  private final Connection connection;

  Integrity(Connection connection) {
    this.connection = connection;
  }

  VerifyReport verify(boolean fast, VerifyListener listener) throws LayercacheException {
    try {
      return connection.transfer(channel -> verify(channel, fast, listener));
    } catch (LayercacheException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("a check reads no file", e);
    }
  }

  QuarantineList quarantine() throws LayercacheException {
    var response =
        connection.call(
            IntegrityGrpc.getListQuarantineMethod(), ListQuarantineRequest.getDefaultInstance());
    var scrub = response.getScrub();
    return new QuarantineList(
        response.getBlobsList().stream().map(Integrity::blob).toList(),
        response.getTotal(),
        new QuarantineList.Scrub(
            scrub.getRound(),
            Instant.ofEpochMilli(scrub.getStartedMillis()),
            scrub.getBlobs(),
            scrub.getDamaged(),
            scrub.getEnded()));
  }

  BackupReport backup(Path directory) throws LayercacheException {
    var copied =
        connection.call(
            IntegrityGrpc.getBackupMethod(),
            BackupRequest.newBuilder().setDirectory(directory.toString()).build());
    return new BackupReport(copied.getBlobs(), copied.getBytes());
  }

  private VerifyReport verify(Channel channel, boolean fast, VerifyListener listener)
      throws LayercacheException {
    var damage = new ArrayList<VerifyReport.Damage>();
    try (var call =
        new StreamCall<>(connection, channel, IntegrityGrpc.getVerifyMethod(), "verify")) {
      call.sendOnly(VerifyRequest.newBuilder().setFast(fast).build());
      long bytes = 0;
      long total = 0;
      while (true) {
        var next = call.receive(bytes, total);
        if (next.isEmpty()) {
          throw new LayercacheException(
              LayercacheException.Kind.FAILED, "verify: the server ended before it was done");
        }
        var response = next.get();
        bytes = response.getBytes();
        total = response.getBytesTotal();
        response
            .getDamageList()
            .forEach(
                found ->
                    damage.add(
                        new VerifyReport.Damage(
                            found.getDigest(), found.getWhere(), found.getWhy())));
        listener.progressed(bytes, total, response.getFindings());
        if (response.getDone()) {
          return new VerifyReport(response.getBlobs(), bytes, damage, response.getFindings());
        }
      }
    }
  }

  private static QuarantineList.Blob blob(ListQuarantineResponse.Blob blob) {
    return new QuarantineList.Blob(
        blob.getDigest(),
        blob.getSize(),
        Instant.ofEpochMilli(blob.getFoundMillis()),
        blob.getWhere(),
        blob.getWhy(),
        blob.getHealed());
  }
}

package dev.layercache.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobTooLargeException;
import dev.layercache.server.blob.CorruptBlobException;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.blob.OutOfRangeException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadGoneException;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.grpc.OutboundShares.Share;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BoundsTest {
  @Test
  void receiveWindowsOfAllConnectionsFitAQuarterOfTheDirectMemory() {
    var budget = new MemoryBudget(512L << 20, 256L << 20);

    assertThat(budget.receiveWindow(256)).isEqualTo(512 << 10);
    assertThat(budget.receiveWindow(64)).isEqualTo(2 << 20);
    assertThat(budget.receiveWindow(1)).isEqualTo(8 << 20);
    assertThatThrownBy(() -> budget.receiveWindow(100_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limits.maxConnections")
        .hasMessageContaining("expected: at most 2048 connections");
  }

  @Test
  void largeSharesRunOutAndComeBack() {
    var shares = new OutboundShares(2 * (3L << 20));

    assertThat(shares.take()).isEqualTo(Share.LARGE);
    assertThat(shares.take()).isEqualTo(Share.LARGE);
    assertThat(shares.take()).isEqualTo(Share.SMALL);
    shares.give(Share.SMALL);
    assertThat(shares.take()).isEqualTo(Share.SMALL);
    shares.give(Share.LARGE);
    assertThat(shares.take()).isEqualTo(Share.LARGE);
  }

  @Test
  void ofManyDownloadsTheLaterOnesQueueLess() {
    var shares = new OutboundShares((24L << 20) + (512 << 10));

    for (int i = 0; i < 8; i++) {
      assertThat(shares.take()).isEqualTo(Share.LARGE);
    }
    assertThat(shares.take()).isEqualTo(Share.MEDIUM);
    assertThat(shares.take()).isEqualTo(Share.SMALL);
    shares.give(Share.MEDIUM);
    assertThat(shares.take()).isEqualTo(Share.MEDIUM);
  }

  @Test
  void permitsRunOutAndComeBack() throws Exception {
    var permits = new MemoryPermits(4 << 20, Duration.ofMillis(50));

    try (var _ = permits.acquire(3)) {
      assertThatThrownBy(() -> permits.acquire(2)).hasMessageContaining("UNAVAILABLE");
    }
    try (var all = permits.acquire(100)) {
      assertThat(all).isNotNull();
      assertThatThrownBy(() -> permits.acquire(1)).hasMessageContaining("UNAVAILABLE");
    }
  }

  @Test
  void everyFailureHasItsCode() {
    var digest = Digest.EMPTY;
    var failures =
        Map.of(
            new DigestMismatchException(digest, digest, 1), Status.Code.INVALID_ARGUMENT,
            new BlobTooLargeException(2, 1), Status.Code.INVALID_ARGUMENT,
            new OutOfRangeException(2, 1), Status.Code.OUT_OF_RANGE,
            new OutOfSpaceException("full"), Status.Code.RESOURCE_EXHAUSTED,
            new UnavailableException("later"), Status.Code.UNAVAILABLE,
            new CorruptBlobException(digest, "db", new IOException("x")), Status.Code.NOT_FOUND,
            new UploadGoneException(new UploadId("u"), "taken"), Status.Code.ABORTED);

    failures.forEach(
        (failure, code) -> {
          var status = GrpcErrors.status(failure);
          assertThat(status.getCode()).isEqualTo(code);
          assertThat(status.getDescription()).isEqualTo(failure.getMessage());
        });
  }

  @Test
  void whatIsNotForeseenIsToldWithoutDetail() {
    var status = GrpcErrors.status(new IllegalStateException("secret"));

    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).doesNotContain("secret");
  }
}
